"""Draws the motion library's report picture: phases, rates, and poses against their source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib
import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import beat_samples
from livedance.evaluation import accents
from livedance.training import beat_map, library_report
from livedance.training.motion_library import Made

matplotlib.use("Agg")
from matplotlib import pyplot as plt

Array = NDArray[np.floating]

SHOWN: Final = ("g1_J_Dance5_Hype", "cmu_61_03_salsa", "cmu_85_12_break", "cmu_indian_06")
POSES: Final = 8
AXIS_M: Final = 0.09


def draw(made: Sequence[Made], tracks: Sequence[Array], path: Path) -> None:
    """Write the picture to `path` (png)."""
    figure = plt.figure(figsize=(14, 12))
    grid = figure.add_gridspec(1 + len(SHOWN), POSES, height_ratios=[1.1] + [1.0] * len(SHOWN))
    _phases(figure.add_subplot(grid[0, :3]), made, tracks)
    _rates(figure.add_subplot(grid[0, 3:]), made)
    by_id = {m.clip.id: (m, track) for m, track in zip(made, tracks, strict=True)}
    for row, clip_id in enumerate([i for i in SHOWN if i in by_id], start=1):
        m, track = by_id[clip_id]
        world = skeleton.world_rotations(m.clip.joint_rotations_wxyz)
        for column, t in enumerate(np.linspace(10, len(track) - 10, POSES).astype(int)):
            axes = figure.add_subplot(grid[row, column])
            _pose(axes, m.source_positions_m[t], track[t], world[t])
            axes.set_title(
                f"{clip_id}  {t / m.clip.fps:.1f} s" if column == 0 else f"{t / m.clip.fps:.1f} s", fontsize=7
            )
    figure.tight_layout()
    figure.savefig(path, dpi=60)
    plt.close(figure)


def _phases(axes: Any, made: Sequence[Made], tracks: Sequence[Array]) -> None:
    for label, warped in (("constant tempo", False), ("beat map", True)):
        found = []
        for m, track in zip(made, tracks, strict=True):
            mapped = library_report.map_of(m.clip)
            if not warped:
                mapped = beat_map.constant(m.clip.native_bpm, m.clip.duration_s - 1 / m.clip.fps)
            motion, grid = library_report.played(track, mapped, m.clip.fps)
            found.append(accents.phases(accents.kinematic_beats(motion, library_report.PLAY_HZ), grid))
        phase = (np.concatenate(found) + 0.5) % 1.0 - 0.5
        axes.hist(phase, bins=40, range=(-0.5, 0.5), histtype="step", label=label, density=True)
    axes.set(xlabel="phase of kinematic beats, beats", ylabel="density", title="All clips, native tempo")
    axes.legend(fontsize=8)


def _rates(axes: Any, made: Sequence[Made]) -> None:
    for m in made:
        if m.clip.id in SHOWN:
            beats, seconds = beat_samples.beat_knots(m.clip.beat_times_s, m.clip.half_beat_times_s)
            fine = np.arange(0.0, beats[-1], 1 / 16)
            at = beat_samples.hermite(beats, seconds, fine)
            axes.plot(fine[:-1], np.diff(at) * 16 * m.clip.native_bpm / 60, label=m.clip.id, lw=1)
    axes.set(xlabel="beat", ylabel="local rate", title="Speed of the clip's time at its native tempo", ylim=(0.7, 1.3))
    axes.legend(fontsize=7, ncol=2)


def _pose(axes: Any, source: Array, solved: Array, world: Array) -> None:
    """Draw the source (red), the rig (black) and each bone's own axes, seen from the front and a little aside."""
    side = np.array([np.cos(0.5), 0.0, -np.sin(0.5)])
    origin = solved[0] * [1.0, 0.0, 1.0]

    def flat(points: Array) -> Array:
        return np.stack([(points - origin) @ side, points[..., 1]], axis=-1)

    for points, colour, width in ((source, "tab:red", 2.5), (solved, "black", 1.0)):
        seen = flat(points)
        for a, b in skeleton.BONES:
            axes.plot(seen[[a, b], 0], seen[[a, b], 1], color=colour, lw=width)
    for joint in range(18):
        for unit, colour in zip(np.eye(3), ("tab:purple", "tab:green", "tab:blue"), strict=True):
            tip = solved[joint] + AXIS_M * rotations.rotate(world[joint], unit)
            seen = flat(np.stack([solved[joint], tip]))
            axes.plot(seen[:, 0], seen[:, 1], color=colour, lw=0.8)
    axes.axhline(0.0, color="grey", lw=0.5)
    axes.set(xlim=(-0.95, 0.95), ylim=(-0.1, 2.1), aspect="equal")
    axes.axis("off")
