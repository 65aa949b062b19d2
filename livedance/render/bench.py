"""How long a look takes to draw a frame of synthetic dancing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from livedance import registry, rotations, skeleton
from livedance.messages import Levels, Origin, PoseFrame
from livedance.render.look import DrawContext


@dataclass(frozen=True, slots=True, kw_only=True)
class LookTime:
    """What was measured."""

    look: str
    width_px: int
    height_px: int
    background: str
    dancers: int
    frames: int
    p50_ms: float
    """Processor time of the process, all threads."""
    p99_ms: float
    wall_p50_ms: float
    wall_p99_ms: float


def swaying(t_s: float, dancers: int = 1, bpm: float = 120.0) -> PoseFrame:
    """Return synthetic dancers at `t_s`: swinging limbs, bobbing hips, side by side. Pure."""
    beat = t_s * bpm / 60.0
    roots, turns = [], []
    for n in range(dancers):
        root, rotation = skeleton.rest_pose()
        phase = 2.0 * np.pi * (beat / 2.0 + 0.13 * n)
        swing = np.zeros((skeleton.N_JOINTS, 3))
        for side, sign in (("l", 1.0), ("r", -1.0)):
            swing[skeleton.INDEX[f"{side}_shoulder"]] = [0.3, 0.5 * np.sin(phase), -sign * (0.7 + 0.7 * np.sin(phase))]
            swing[skeleton.INDEX[f"{side}_elbow"]] = [0.0, -sign * (0.8 + 0.6 * np.cos(phase)), 0.0]
            swing[skeleton.INDEX[f"{side}_hip"]] = [-0.25 - 0.25 * np.sin(phase + sign), 0.0, sign * 0.15]
            swing[skeleton.INDEX[f"{side}_knee"]] = [0.5 + 0.4 * np.sin(phase + sign), 0.0, 0.0]
        swing[skeleton.INDEX["hips"]] = [0.0, 0.5 * np.sin(phase / 2.0), 0.1 * np.sin(phase)]
        turns.append(rotations.multiply(rotations.from_rotvec(swing), rotation))
        side_m = 1.2 * (n - 0.5 * (dancers - 1))
        roots.append(root + np.array([side_m + 0.1 * np.sin(phase), -0.06 + 0.04 * np.cos(2.0 * phase), 0.0]))
    root_m = np.array(roots).reshape(-1, 3)
    rotation_wxyz = np.array(turns).reshape(-1, skeleton.N_JOINTS, 4)
    return PoseFrame(
        t_s=t_s,
        beat_position=beat,
        dance_position=beat,
        root_position_m=root_m,
        joint_rotations_wxyz=rotation_wxyz,
        joint_positions_m=skeleton.forward_kinematics(root_m, rotation_wxyz),
        origin=np.full(dancers, int(Origin.PROBE), np.uint8),
        hands=np.zeros((dancers, 2), np.uint8),
        foot_contact=np.zeros((dancers, 4)),
    )


def measure(
    name: str, *, size: tuple[int, int] = (1280, 720), background: str = "stage", dancers: int = 1, frames: int = 300
) -> LookTime:
    """Draw `frames` frames at 60 a second of dance time, OpenCV on one thread."""
    look = registry.build("look", name)
    levels = Levels(rms=0.5, bass=0.6, mid=0.5, high=0.4, onset=0.5, energy=0.7)
    context = DrawContext(width_px=size[0], height_px=size[1], background=background, levels=levels)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        times = np.array(list(_times(look, context, dancers, frames)))
    finally:
        cv2.setNumThreads(threads)
    return LookTime(
        look=name, width_px=size[0], height_px=size[1], background=background, dancers=dancers, frames=frames,
        p50_ms=float(np.median(times[:, 0])), p99_ms=float(np.percentile(times[:, 0], 99)),
        wall_p50_ms=float(np.median(times[:, 1])), wall_p99_ms=float(np.percentile(times[:, 1], 99)),
    )  # fmt: skip


def skinning(repeats: int = 50) -> tuple[float, float, int]:
    """Return ms for moving a dancer's bones, ms for moving the skin (medians), and how many vertices that has."""
    from livedance.render.mesh import figure, look, rig

    pose, worn = swaying(0.3), figure.load(look.ORDER[0])
    spent = []
    for _ in range(repeats):
        start = time.process_time()
        motion = np.concatenate([rig.motions(pose, rig.bent(pose.hands)), rig.twists(pose)], axis=1)
        moved = time.process_time()
        look.skinned(worn, motion[0])
        spent.append((1000.0 * (moved - start), 1000.0 * (time.process_time() - moved)))
    bones_ms, skin_ms = np.median(np.array(spent), axis=0)
    return float(bones_ms), float(skin_ms), len(worn.position_m)


def _times(look: object, context: DrawContext, dancers: int, frames: int) -> Iterator[tuple[float, float]]:
    """Yield milliseconds of processor time and by the wall clock."""
    warm = 30
    for i in range(frames + warm):
        pose = swaying(i / 60.0, dancers)
        start, wall = time.process_time(), time.perf_counter()
        look.draw(pose, context)  # type: ignore[attr-defined]
        if i >= warm:
            yield 1000.0 * (time.process_time() - start), 1000.0 * (time.perf_counter() - wall)
