"""Is the dance on the beat, and does it move like the dancers it comes from? Offline: the product's brain and player.

Each piece of music is danced to with exact beats (a tracker that is told them) and with a real tracker; the accents of
what is shown are laid against the true beats, and the body's figures against those of the clips of the motion library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance import config as configs
from livedance import offline, skeleton
from livedance.dance.library import MotionLibrary
from livedance.evaluation import report
from livedance.evaluation.accents import Alignment, align, kinematic_beats
from livedance.evaluation.clicks import click_track
from livedance.evaluation.exact_tracker import exact_beats
from livedance.evaluation.motion import Body, body
from livedance.evaluation.sync import Track, music_tracks
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, Hop

Array = NDArray[np.floating]

FPS: Final = 60.0
SETTLE_S: Final = 4.0
"""Left out at the start: waking and finding the beat."""
EXACT: Final = "exact beats"


@dataclass(frozen=True, slots=True, kw_only=True)
class DanceRow:
    """One dance of one piece of music, or an anchor."""

    track: str
    tracker: str
    generator: str
    alignment: Alignment | None
    body: Body


def measure(track: Track, tracker: str, generator: str, seed: int) -> DanceRow:
    """Dance to one track; return the figures of what a screen without delay shows."""
    if tracker == EXACT:
        with exact_beats(track.beats_s) as name:
            positions = dance(track, name, generator, seed)
    else:
        positions = dance(track, tracker, generator, seed)
    start = round(SETTLE_S * FPS)
    shown = positions[start:]
    beats = track.beats_s[track.beats_s >= SETTLE_S] - SETTLE_S
    return DanceRow(
        track=track.name,
        tracker=tracker,
        generator=generator,
        alignment=align(kinematic_beats(shown, FPS), beats, len(shown) / FPS, n_rotations=300),
        body=body(shown, FPS),
    )


def dance(track: Track, tracker: str, generator: str, seed: int) -> Array:
    """Return the first dancer's joints (T, 23, 3) at `FPS` over the whole track."""
    tree = {"beat": {"tracker": tracker}, "dance": {"generator": generator}, "director": {"enabled": False}}
    config = configs.check(tree, "evaluation")
    made = offline.frames(config, seed, hops(track.samples), track.seconds, FPS)
    return np.array([frame.pose.joint_positions_m[0] for frame in made])


def hops(samples: NDArray[np.float32]) -> Iterator[Hop]:
    """Yield mono samples at 44,100 Hz as hops."""
    for index in range(len(samples) // HOP_SAMPLES):
        block = samples[index * HOP_SAMPLES : (index + 1) * HOP_SAMPLES]
        yield Hop(index=index, t_s=(index + 1) * HOP_SAMPLES / HOP_RATE_HZ, samples=block)


def library_rows() -> list[DanceRow]:
    """Return the figures of the clips that the dance is made of, in their own time: quartiles and mean."""
    figures = []
    for clip in MotionLibrary.load().clips:
        if clip.duration_s > 4.0 and "floor" not in clip.tags:
            positions = skeleton.forward_kinematics(clip.root_position_m, clip.joint_rotations_wxyz)
            figures.append(body(positions, clip.fps))
    weights = [x.seconds for x in figures]
    rows = []
    for name, q in (("lower quartile", 25), ("median", 50), ("upper quartile", 75), ("mean by time", None)):
        values = {f: [getattr(x, f) for x in figures] for f in Body.__slots__}
        fields = {
            f: float(np.average(v, weights=weights) if q is None else np.percentile(v, q)) for f, v in values.items()
        }
        rows.append(
            DanceRow(track=f"library, {name}", tracker="–", generator="clips", alignment=None, body=Body(**fields))
        )
    return rows


def run(
    *, bpms: Sequence[float], seconds: float, trackers: Sequence[str], seeds: Sequence[int], music: Path | None,
    music_names: Sequence[str], generator: str, out: Path | None,
) -> list[DanceRow]:  # fmt: skip
    """Measure everything, write the report, if one is wanted, and return its rows."""
    tracks = []
    for bpm in bpms:
        samples, beats = click_track(bpm, seconds)
        tracks.append(Track(name=f"clicks {bpm:g}", samples=samples, beats_s=beats, tracker=""))
    if music is not None:
        tracks += music_tracks(music, music_names, seconds, "")
    rows = [
        measure(track, tracker, generator, seed) for tracker in (EXACT, *trackers) for track in tracks for seed in seeds
    ]
    rows += [measure(tracks[0], EXACT, anchor, seeds[0]) for anchor in ("probe", "idle")]
    write_report(rows, library_rows(), out)
    return rows


def write_report(rows: Sequence[DanceRow], anchors: Sequence[DanceRow], out: Path | None) -> None:
    """Write `out`.json and `out`.md."""
    median = anchors[1].body
    head = ["track", "tracker", "generator", "accents", "BAS", "chance", "lift", "R", "offset ms", "recall lift"]
    on_beat: list[list[Any]] = []
    for row in rows:
        if (a := row.alignment) is not None:
            on_beat.append([row.track, row.tracker, row.generator, a.motion_beats, a.bas, a.bas_chance, a.bas_lift,
                            a.phase_r, 1e3 * a.offset_s, a.recall_lift])  # fmt: skip
    body_head = [
        "track",
        "tracker",
        "generator",
        "speed m/s",
        "jerk / library",
        "P99 jerk / library",
        "skate %",
        "sunk %",
        "frozen %",
    ]
    bodies: list[list[Any]] = []
    for row in [*anchors, *rows]:
        b = row.body
        bodies.append([row.track, row.tracker, row.generator, b.speed_m_per_s, b.jerk_m_per_s3 / median.jerk_m_per_s3,
                       b.jerk_p99 / median.jerk_p99, 100 * b.skate, 100 * b.sunk, 100 * b.frozen])  # fmt: skip
    about_bodies = "\n## The body\n\nJerk is given as a ratio to the median clip of the library.\n"
    on_beat_table, body_table = report.table(head, on_beat), report.table(body_head, bodies)
    tables = ["## On the beat\n", on_beat_table, summary(rows), about_bodies, body_table]
    explanation = _EXPLANATION.format(settle=SETTLE_S)
    report.write(out, "The dance against the beat", explanation, {"rows": list(rows), "library": list(anchors)}, tables)


def summary(rows: Sequence[DanceRow]) -> str:
    """Return the worst and the mean figures per tracker of the dancing generator."""
    main = rows[0].generator
    lines = []
    for tracker in dict.fromkeys(row.tracker for row in rows):
        found = [r.alignment for r in rows if r.tracker == tracker and r.generator == main and r.alignment is not None]
        lift, r = [a.bas_lift for a in found], [a.phase_r for a in found]
        off = max((abs(a.offset_s) for a in found), default=0.0)
        lines.append(
            f"{tracker}: lift mean {np.mean(lift):.2f}, least {min(lift):.2f}; R mean {np.mean(r):.2f}, "
            f"least {min(r):.2f}; greatest mean offset {1e3 * off:.0f} ms."
        )
    return "\n" + "\n".join(lines) + "\n"


_EXPLANATION: Final = """\
`livedance eval dance`: the product's brain and player on a virtual clock, 60 frames a second, the first {settle:g} s
left out. Accents are minima of the smoothed mean joint speed; BAS is the mean of exp(-d²/2σ²), σ 50 ms, from motion to
music; chance is the same with the music rotated at random, lift = (BAS - chance) / (1 - chance); R is 1 for accents
locked to one phase of the beat, about 0 at chance. `probe` is the most that can be had, `idle` does not dance to the
beat.

Goals: with exact beats lift ≥ 0.5, R ≥ 0.55, mean offset ≤ ±20 ms at each of 80 … 180 BPM (raw motion capture at a
constant tempo: about 0 and 0.15).
"""
