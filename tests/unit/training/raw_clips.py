"""Raw clips made from known rotations, in the format of the dance data."""

import json

import numpy as np

from livedance import rotations, skeleton

RIG = (
    "l_hip", "l_knee", "l_ankle", "r_hip", "r_knee", "r_ankle", "l_shoulder", "l_elbow", "l_wrist", "r_shoulder",
    "r_elbow", "r_wrist",
)  # fmt: skip
SOURCE_NAMES = {"shoulder": "upperarm", "elbow": "lowerarm", "wrist": "hand", "hip": "thigh", "knee": "calf",
                "ankle": "foot"}  # fmt: skip


def dance(n=240, fps=30.0, seed=0, period_s=0.5):
    """Smooth, possible rotations: elbows and knees bend on their hinges, the body sways and stops on every beat."""
    rng = np.random.default_rng(seed)
    t = np.arange(n) / fps
    turn = np.zeros((n, 23, 3))
    stop = t - np.sin(2 * np.pi * t / period_s) * period_s / (2 * np.pi)  # speed 0 on whole beats
    for joint in range(23):
        if joint in skeleton.LEAVES and joint not in skeleton.WRISTS:
            continue
        wave = np.sin(stop[:, None] * rng.uniform(0.6, 1.4, 3) * np.pi + rng.uniform(0, 6, 3))
        turn[:, joint] = 0.35 * wave
    for side, sign in (("l", -1.0), ("r", 1.0)):
        elbow, knee = skeleton.INDEX[f"{side}_elbow"], skeleton.INDEX[f"{side}_knee"]
        turn[:, elbow] = (0.9 + 0.6 * np.sin(stop * np.pi))[:, None] * [0.0, sign, 0.0]
        turn[:, knee] = (0.6 + 0.4 * np.sin(stop * np.pi + 1))[:, None] * [1.0, 0.0, 0.0]
        turn[:, skeleton.INDEX[f"{side}_wrist"]] *= 0.5
    q = rotations.from_rotvec(turn)
    root = np.stack([0.1 * np.sin(stop), 0.93 + 0.02 * np.sin(2 * stop), 0.05 * np.cos(stop)], axis=-1)
    return root, rotations.continuous(q)


def write(path, clip_id, root, q, *, grid=None, capture=(0.0, 0.0, 0.0), **meta):
    """Write a raw clip whose source rig rests in another frame for every bone and stands at `capture`."""
    positions = skeleton.forward_kinematics(root, q)
    world = skeleton.world_rotations(q)
    rng = np.random.default_rng(9)
    names = ["pelvis", *(f"{SOURCE_NAMES[n[2:]]}_{n[0]}" for n in RIG)]
    source = np.zeros((len(root), len(names), 4))
    source[..., 0] = 1.0
    for k, name in enumerate(RIG, start=1):
        rest = rotations.normalise(rng.normal(size=4))
        source[:, k] = rotations.multiply(world[:, skeleton.INDEX[name]], np.broadcast_to(rest, (len(root), 4)))
    described = {"id": clip_id, "licence": "CC0 1.0", "source": "made/here", "path": "x.bvh", "attribution": ""} | meta
    np.savez(
        path,
        fps=30.0,
        pos=(positions - positions[:, :1]).astype(np.float32),
        root=positions[:, 0].astype(np.float32),
        names=np.array(skeleton.JOINT_NAMES),
        parents=np.array(skeleton.PARENTS),
        beat_grid=np.zeros(0) if grid is None else grid,
        src_names=np.array(names),
        src_parents=np.array([-1] + [0] * len(RIG)),
        src_quat_wxyz=source.astype(np.float32),
        src_offsets=np.zeros((len(names), 3), np.float32),
        src_root=(root + capture).astype(np.float32),
        meta=np.array(json.dumps(described)),
    )
    return path
