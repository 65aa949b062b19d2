"""The report of `livedance eval paper`: table, what was expected beforehand, what is not there, contact strips."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livedance.evaluation import report
from livedance.training.paper import camera
from livedance.training.paper.evaluate import Line, Outcome, means
from livedance.training.paper.rows import ROWS

COLUMNS: Final = {
    "cross_modal": "cross-modal ↓", "fpd": "FPD ↓", "fpd_spread": "±", "jerk": "jerk →1", "align": "on beat ↑",
    "chance": "chance", "lift": "lift ↑", "r1": "R@1 % ↑", "r5": "R@5 % ↑", "diversity": "diversity →1",
    "multimodality": "multi-modality", "c2st": "C2ST →0.5", "l1": "L1 ×100 ↓",
    "l1_running": "L1, running",
}  # fmt: skip
ENOUGH_SEEDS: Final = 3
PERCENT: Final = ("r1", "r5", "l1", "l1_running")
N_POSES: Final = 12
SIZE: Final = (112, 150)
MARGIN: Final = 46
RIGHT, LEFT, MIDDLE = (255, 160, 80), (80, 200, 255), (230, 230, 230)


def write(outcome: Outcome, out: Path) -> None:
    """Write `out`.md, .json and .png."""
    picture(outcome.shown, out.with_suffix(".png"))
    train, data = (outcome.study[key] for key in ("train", "data"))
    assert isinstance(train, dict)
    assert isinstance(data, dict)
    tables = [
        "\n## The table\n", table(outcome.lines),
        "\n## What was expected, and what came\n", expectations(outcome.lines),
        "\n## To look at\n", f"![Poses every 0.4 s to the same held-out music]({out.with_suffix('.png').name})\n",
        "\n## What is not there\n", _missing(train, outcome),
    ]  # fmt: skip
    facts = {"lines": outcome.lines, "study": outcome.study, "eyes": outcome.eyes, "held_out": outcome.takes}
    report.write(out, "The paper's generator and its ablation", _explanation(train, data, outcome), facts, tables)


def table(lines: list[Line]) -> str:
    """Return the Markdown table: one line for each anchor and row, the mean over seeds where there are several."""
    cells: list[list[Any]] = []
    for name in dict.fromkeys(line.name for line in lines):
        own = [line for line in lines if line.name == name]
        cell: list[Any] = [name, own[0].says, len(own) if own[0].seed else "–"]
        for column in COLUMNS:
            value = float(np.mean(means(lines, name, column))) * (100.0 if column in PERCENT else 1.0)
            cell.append(f"{value:.2f}" if np.isfinite(value) and abs(value) < 100.0 else value)
        cells.append(cell)
    return report.table(["", "row", "seeds", *COLUMNS.values()], cells)


def expectations(lines: list[Line]) -> str:
    """Return what the literature lets one expect (paper's order; ours beforehand), and in how many seeds it held."""
    asked = [
        ("the paper's order: cross-modal R1 > R2f > R3 > R4", "cross_modal",
         (("R1", "R2f"), ("R2f", "R3"), ("R3", "R4"))),
        ("FPD: R1 > R5", "fpd", (("R1", "R5"),)),
        ("the fix of the content critic finds more music: R@1 of R2f > R2", "r1", (("R2f", "R2"),)),
        ("a trained ST-GCN is worth more than a random one: FPD of R4r > R5", "fpd", (("R4r", "R5"),)),
        ("L1 alone is smooth: jerk of R1 < R5", "jerk", (("R5", "R1"),)),
        ("L1 alone is alike: diversity of R1 < R5", "diversity", (("R5", "R1"),)),
        ("the metric is sound: cross-modal of random frames > real", "cross_modal", (("A1", "A0"),)),
    ]  # fmt: skip
    rows = []
    for says, column, order in asked:
        found = [_larger(lines, column, more, less) for more, less in order]
        n = min((len(f) for f in found), default=0)
        held = sum(all(f[i] for f in found) for i in range(n))
        holds = "–" if not n else "**no**" if held < n else "yes" if n >= ENOUGH_SEEDS else "so far"
        rows.append([says, f"{held} of {n}" if n else "not run", holds])
    return report.table(["expected", "seeds that agree", "holds"], rows)


def _larger(lines: list[Line], column: str, more: str, less: str) -> list[bool]:
    """Return for each seed that both rows have whether one is larger than the other."""
    one, other = ({x.seed: getattr(x, column) for x in lines if x.name == name} for name in (more, less))
    return [one[seed] > other[seed] for seed in sorted(one.keys() & other.keys())]


def picture(shown: dict[str, NDArray[np.floating]], path: Path) -> None:
    """Draw every fourth pose of each clip side by side, one line for each anchor and row."""
    cv2.imwrite(str(path), np.vstack([_strip(name, poses) for name, poses in shown.items()]))


def _strip(name: str, poses: NDArray[np.floating]) -> NDArray[np.uint8]:
    width, height = SIZE
    out = np.full((height, MARGIN + width * N_POSES, 3), 24, np.uint8)
    cv2.putText(out, name, (8, height // 2), cv2.FONT_HERSHEY_SIMPLEX, 0.5, MIDDLE, 1, cv2.LINE_AA)
    half = np.array([16.0 / 9.0, 1.0]) * height / 2.0
    for k, pose in enumerate(poses[:: len(poses) // N_POSES][:N_POSES]):
        points = pose.reshape(-1, 2) * half
        middle = float(points[camera.NECK, 0])
        at = [(round(MARGIN + width * (k + 0.5) + x - middle), round(height / 2 + y)) for x, y in points]
        for a, b in camera.BONES:
            side = {"r": RIGHT, "l": LEFT}.get(camera.skeleton.OPENPOSE_18[a][:2].rstrip("_"), MIDDLE)
            cv2.line(out, at[a], at[b], side, 2, cv2.LINE_AA)
    return out


def _explanation(train: dict[str, Any], data: dict[str, Any], outcome: Outcome) -> str:
    few, many = _seeds(outcome)
    seeds = f"{few} seed{'s' if few > 1 else ''}" if few == many else f"{few} to {many} seeds"
    steps = "/".join(str(n) for n in sorted({line.steps for line in outcome.lines if line.seed}))
    n, takes = sum(outcome.takes.values()), len(outcome.takes)
    share = {key: f"{value:.0%}" for key, value in outcome.eyes.items()}
    return f"""`livedance train paper`, `livedance eval paper`: the seed paper's 2-D generator (Ren et al. 2020), built
from its description, under the rows of its ablation. **Width {train["width"]:g}** of every layer (1 is the paper's),
**{steps} steps** of {train["batch"]} clips, **{seeds}**, {data["clips"]} training clips of 5 s at 10 frames a second.
The paper: about 40,000 steps.

Dance: takes of the motion library, seen by a fixed camera in front as OpenPose's 18 points, none hidden. Music: our
own drums, bass and chords, rendered on each take's beats (recovered from the motion), the pattern by style, levels by
energy; the takes were danced without music. Measured on {n} clips of {takes} held-out takes, one every second and its
mirror image: they overlap, so spreads look smaller than they are. Floor work is left out. The paper's own numbers are
of other data and another metric; only the order of rows can be compared.

*Cross-modal*: 1 - cosine between a dance and the real training dance whose music is nearest. *FPD*: Frechet distance
of 5 s features between half of the real clips and what was made for the other half, mean and spread of ten
resamplings. *Jerk*, *diversity*, *multi-modality* (same music, five draws of noise): over that of real dance. *On
beat*: speed minima against the music's beats (sigma 0.1 s), *chance* with rotated beats, *lift* from chance (0) to
perfect (1). *R@1*, *R@5*: own music among 32 (chance 3.1 and 15.6). *C2ST*: a classifier tells made from real on the
takes' second halves, having learnt from the first. *L1*: in half pictures. Batch norms are settled on training clips
before measuring, for all rows alike; *L1, running* is what the running means of so short a training give.

Features come from a judge of its own (plain convolutions, dance to music by InfoNCE, own seed), frozen before any
generator and never part of a loss. The ST-GCN of the perceptual loss names {share["training"]} of training and
{share["validation"]} of validation clips' styles (seven); that of R4r never learnt, but its batch norms know the data.
"""


def _seeds(outcome: Outcome) -> tuple[int, int]:
    """Return of how many seeds the row with the fewest is, and the row with the most."""
    rows = [line.name for line in outcome.lines if line.seed]
    counts = [rows.count(name) for name in set(rows)]
    return min(counts), max(counts)


def _missing(train: dict[str, Any], outcome: Outcome) -> str:
    missing = [f"row {name}" for name in ROWS if name not in {line.name for line in outcome.lines}]
    real = next(line for line in outcome.lines if line.name == "A0")
    best = max((line for line in outcome.lines if line.seed), key=lambda line: line.lift)
    lines = [f"- Not run: {', '.join(missing)}."] if missing else []
    if best.lift < 0.5 * real.lift:
        lines.append(
            f"- Dance on the beat: the best row, {best.name}, has a lift of {best.lift:.2f} where real dance has "
            f"{real.lift:.2f}. What the rows show is a mean pose that trembles (jerk), more or less bent by a critic."
        )
    if train["width"] < 1.0 or train["steps"] < 40_000:
        lines.append(
            "- The paper's size and length: `configs/train/paper_full.toml` holds them; what is above is a small and "
            "short run on a CPU, in which adversarial parts have hardly begun to act."
        )
    if _seeds(outcome)[0] < ENOUGH_SEEDS:
        lines.append("- Three seeds of every row: no difference between rows is sure.")
    lines += [
        f"- A judge that hears well: real held-out dance finds its own music in {100 * real.r1:.1f} % (chance 3.1): "
        "too few takes to learn from. R@1, R@5 and cross-modal say little here.",
        "- Tables of noise in the joints, of streaming, and of attention against last state; the causal rows C1-C6.",
        "- The paper's second stage (pose to picture), its data, and people who compare.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
