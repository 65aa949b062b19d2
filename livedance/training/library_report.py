"""Measures the motion library: how near the rig comes to the source, and how well its accents lie on its beats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance import beat_samples
from livedance.dance.library import Clip
from livedance.evaluation import accents, report
from livedance.training import beat_map, contacts
from livedance.training.motion_library import Made

Array = NDArray[np.floating]

RATES: Final = (0.0, 0.12, 0.2, 0.3)
SMOOTHINGS_S: Final = (accents.SMOOTH_S, 2 / 60, 0.0)
PLAY_HZ: Final = 60.0
ANCHORS: Final = {0.0: (-0.01, 0.15), 0.12: (0.41, 0.42), 0.2: (0.51, 0.56), 0.3: (0.58, 0.70)}
"""Lift and R of an earlier simple warp on 51 of these clips: the row at 20 % is the one to reach."""

EXPLANATION: Final = """\
Made by `livedance train library --data PATH --report docs/results`. Each clip is played by its beat map at its own
constant tempo, 60 frames a second, and its kinematic beats (local minima of the mean joint speed of 18 joints, smoothed
by a Gaussian of 83 ms, at least 167 ms apart) are held against that tempo's beats. Lift = (BAS - chance) / (1 -
chance), sigma 50 ms, chance by 300 rotations of the beats; R = |mean exp(i 2 pi phase)|. Figures are means over clips.
R of n random phases is about 0.9 / sqrt(n), so short clips give the row without a warp its 0.3.

Partners of a couple share one beat map, so that they stay together; each has its own stops, so their row (salsa) is
lower than that of dancers alone. The other rows give each dancer a map of its own.

What this says: how much of the rhythm that a dancer has can be laid on a beat by bending time a little. What it does
not say: that the dancer heard those beats. The map was fitted to the same stops that are counted here, so these are the
ceilings of a dance that is made of these clips, and no measure of musicality.
"""


def write(made: Sequence[Made], folder: Path, progress: Callable[[str], None] = lambda _: None) -> None:
    """Measure and write motion_library.md, .json and .png under `folder`; raises `FileError`."""
    tracks = [skeleton.forward_kinematics(m.clip.root_position_m, m.clip.joint_rotations_wxyz) for m in made]
    rows = []
    for rate in RATES:
        progress(f"beat maps within {rate:.0%}")
        rows.append([_warped(m, track, rate) for m, track in zip(made, tracks, strict=True)])
    shipped = rows[RATES.index(0.2)]
    clips = [m.report | scores for m, scores in zip(made, shipped, strict=True)]
    data = {
        "clips": len(made),
        "minutes": sum(m.clip.duration_s for m in made) / 60,
        "rig": _rig(made, tracks),
        "accents": {f"{rate:g}": _mean(row) for rate, row in zip(RATES, rows, strict=True)},
        "flights": _flights(made, tracks),
        "per_clip": clips,
    }
    tables = [_accent_table(rows), _rig_table(data), _style_table(made, shipped)]
    report.write(folder / "motion_library", "The motion library", EXPLANATION, data, tables)
    from livedance.training import library_plot

    library_plot.draw(made, tracks, folder / "motion_library.png")


def played(track: Array, mapped: beat_map.BeatMap, fps: float, play_hz: float = PLAY_HZ) -> tuple[Array, Array]:
    """Return positions of a clip (T, 23, 3) played at its native tempo, and the times of its beats there, s."""
    beats, seconds = beat_samples.beat_knots(mapped.beat_times_s, mapped.half_beat_times_s)
    times = np.arange(0.0, beats[-1] * 60.0 / mapped.native_bpm, 1.0 / play_hz)
    at = beat_samples.hermite(beats, seconds, times * mapped.native_bpm / 60.0)
    grid = np.arange(len(mapped.beat_times_s)) * 60.0 / mapped.native_bpm
    return beat_samples.cubic(track, at * fps), grid


def mean_jerk(positions: Array, fps: float) -> float:
    """Return the mean size of the third difference of 18 joints, m/s3."""
    return float(np.linalg.norm(np.diff(positions[:, :18], n=3, axis=0), axis=-1).mean() * fps**3)


def map_of(clip: Clip) -> beat_map.BeatMap:
    """Return the map that a clip carries."""
    half = clip.half_beat_times_s if clip.half_beat_times_s is not None else np.zeros(0)
    return beat_map.BeatMap(
        beat_times_s=clip.beat_times_s,
        half_beat_times_s=half,
        native_bpm=clip.native_bpm,
        confidence=clip.confidence,
    )


def _warped(m: Made, track: Array, rate: float) -> dict[str, float]:
    clip = m.clip
    if rate == 0.0:
        mapped = beat_map.constant(clip.native_bpm, (len(track) - 1) / clip.fps)
    elif rate == beat_map.Limits().rate:
        mapped = map_of(clip)
    else:
        mapped = beat_map.find(track, clip.fps, m.beat_grid_s, replace(beat_map.Limits(), rate=rate))
    motion, grid = played(track, mapped, clip.fps)
    duration = len(motion) / PLAY_HZ
    found = [accents.kinematic_beats(motion, PLAY_HZ, smooth_s=s) for s in SMOOTHINGS_S]
    scores = asdict(accents.align(found[0], grid, duration, n_rotations=300))
    for name, beats in zip(("fine", "raw"), found[1:], strict=True):
        finer = accents.align(beats, grid, duration, n_rotations=100)
        scores |= {f"{name}_bas_lift": finer.bas_lift, f"{name}_phase_r": finer.phase_r}
    first, last = (round(t * clip.fps) for t in mapped.beat_times_s[[0, -1]])
    slow, _ = played(track, mapped, clip.fps, play_hz=clip.fps)
    _, knots = beat_samples.beat_knots(mapped.beat_times_s, mapped.half_beat_times_s)
    local = np.diff(knots) * mapped.native_bpm / 30.0
    return scores | {
        "jerk_ratio": mean_jerk(slow, clip.fps) / mean_jerk(track[first : last + 1], clip.fps),
        "rate_sd": float(local.std()),
        "rate_min": float(local.min()),
        "rate_max": float(local.max()),
        "rate_step_max": float(np.abs(np.diff(local)).max(initial=0.0)),
        "native_bpm": mapped.native_bpm,
    }


def _rig(made: Sequence[Made], tracks: Sequence[Array]) -> dict[str, float]:
    frames = np.array([len(t) for t in tracks])
    feet = np.concatenate([t[:, skeleton.CONTACT_JOINTS, 1] - contacts.REST_HEIGHT_M for t in tracks]).min(axis=1)
    speeds = [np.linalg.norm(np.gradient(t[:, skeleton.CONTACT_JOINTS][..., [0, 2]], axis=0), axis=-1) for t in tracks]
    touching = [m.clip.foot_contact > 0.5 for m in made]
    slide = np.concatenate([s[c] * m.clip.fps for s, c, m in zip(speeds, touching, made, strict=True)])
    return {
        "error_mean_m": float(np.average([m.report["error_mean_m"] for m in made], weights=frames)),
        "error_p99_m": float(np.percentile(np.concatenate([m.errors for m in made]), 99)),
        "twist_ratio_p99": float(np.average([m.report["turn_ratio"] for m in made], weights=frames)),
        "contact_share": float(np.concatenate([c.any(axis=1) for c in touching]).mean()),
        "slide_in_contact_m_s": float(slide.mean()),
        "sunk_over_1cm_share": float(np.mean(feet < -0.01)),
        "sunk_over_3cm_share": float(np.mean(feet < -0.03)),
        "cut_s": sum(float(m.report["cut_s"]) for m in made),
        "bridged_frames": sum(int(m.report["bridged_frames"]) for m in made),
        "lost_heads": sum(int(m.report["lost_heads"]) for m in made),
    }


def _flights(made: Sequence[Made], tracks: Sequence[Array]) -> dict[str, float]:
    """Return how much faster or slower flights pass at the native tempo than they were danced."""
    rates = []
    for m, track in zip(made, tracks, strict=True):
        beats, seconds = beat_samples.beat_knots(m.clip.beat_times_s, m.clip.half_beat_times_s)
        for start, stop in contacts.runs(contacts.airborne(track, m.clip.fps)):
            span = np.array([start, stop]) / m.clip.fps
            if seconds[0] < span[0] and span[1] < seconds[-1]:
                rates.append(
                    float(np.diff(span)[0] / (np.diff(np.interp(span, seconds, beats))[0] * 60 / m.clip.native_bpm))
                )
    low, middle, high = np.percentile(rates, [5, 50, 95])
    return {"flights": len(rates), "rate_p5": float(low), "rate_p50": float(middle), "rate_p95": float(high)}


def _mean(row: Sequence[dict[str, float]]) -> dict[str, float]:
    names = row[0].keys()
    return {n: float(np.mean([r[n] for r in row])) for n in names} | {
        "jerk_ratio_max": max(r["jerk_ratio"] for r in row),
        "bas_lift_sd": float(np.std([r["bas_lift"] for r in row])),
        "phase_r_sd": float(np.std([r["phase_r"] for r in row])),
    }


def _accent_table(rows: Sequence[Sequence[dict[str, float]]]) -> str:
    head = (
        "local rate within", "lift", "R", "(goal: lift, R)", "music-to-motion lift", "offset ms",
        "lift, R at 33 ms smoothing", "lift, R unsmoothed", "jerk mean (max) against source",
        "sd of rate", "largest step of rate per half-beat",
    )  # fmt: skip
    lines = []
    for rate, row in zip(RATES, rows, strict=True):
        m = _mean(row)
        lines.append([
            "no warp" if rate == 0 else f"{rate:.0%}", m["bas_lift"], m["phase_r"],
            "{:.2f}, {:.2f}".format(*ANCHORS[rate]), m["recall_lift"], m["offset_s"] * 1e3,
            f"{m['fine_bas_lift']:.2f}, {m['fine_phase_r']:.2f}", f"{m['raw_bas_lift']:.2f}, {m['raw_phase_r']:.2f}",
            f"{m['jerk_ratio']:.2f} ({m['jerk_ratio_max']:.2f})", m["rate_sd"], m["rate_step_max"],
        ])  # fmt: skip
    return "## Accents on beats\n\nThe library ships the 20 % row.\n\n" + report.table(head, lines)


def _rig_table(data: dict[str, Any]) -> str:
    r, f = data["rig"], data["flights"]
    lines = [
        ["clips, minutes", f"{data['clips']}, {data['minutes']:.1f}"],
        ["joint error against source, mean (goal 1 cm)", f"{r['error_mean_m'] * 100:.2f} cm"],
        ["joint error against source, p99 (goal 3 cm)", f"{r['error_p99_m'] * 100:.2f} cm"],
        ["turning speed of limb bones against the source's (p99 of each)", f"{r['twist_ratio_p99']:.2f}"],
        ["frames with a foot on the floor", f"{r['contact_share']:.0%}"],
        ["slide of a foot in contact, as captured", f"{r['slide_in_contact_m_s']:.2f} m/s"],
        ["frames with a foot over 1 cm, 3 cm under the floor, before foot lock",
         f"{r['sunk_over_1cm_share']:.1%}, {r['sunk_over_3cm_share']:.1%}"],
        ["flights; speed at native tempo p5, p50, p95",
         f"{f['flights']}; {f['rate_p5']:.2f}, {f['rate_p50']:.2f}, {f['rate_p95']:.2f}"],
        ["cut heads, tails and lost feet", f"{r['cut_s']:.0f} s"],
        ["frames bridged over capture glitches", str(r["bridged_frames"])],
        ["frames with a head put back on its neck", str(r["lost_heads"])],
    ]  # fmt: skip
    return "## Rig, feet, flights\n\n" + report.table(("what", "value"), lines)


def _style_table(made: Sequence[Made], shipped: Sequence[dict[str, float]]) -> str:
    lines = []
    for style in sorted({m.clip.style for m in made}):
        members = [(m.clip, s) for m, s in zip(made, shipped, strict=True) if m.clip.style == style]
        tempi = [c.native_bpm for c, _ in members]
        lines.append([
            style, len(members), f"{sum(c.duration_s for c, _ in members):.0f}", sum(c.n_beats for c, _ in members),
            f"{min(tempi):.0f}..{max(tempi):.0f}", float(np.mean(np.concatenate([c.beat_energy for c, _ in members]))),
            float(np.mean([s["bas_lift"] for _, s in members])), float(np.mean([s["phase_r"] for _, s in members])),
        ])  # fmt: skip
    head = ("style", "clips", "s", "beats", "native BPM", "energy", "lift", "R")
    return "## Styles\n\n" + report.table(head, lines)
