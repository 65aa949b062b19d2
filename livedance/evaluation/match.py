"""Cross-modal evaluation: is a dance found by its music, and the music by its dance? Beside real dance and chance.

Music is written on the beats of takes and heard through the product (livedance/training/dance/soundtrack.py); a
generator dances to it as on stage, knowing nothing of the take. Frozen encoders (match_net.py) put eight beats of
either side into one space, where partners are looked for among others (match_gallery.py).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance import beat_samples, library
from livedance.dance.library import Clip, MotionLibrary
from livedance.evaluation import dance as dances
from livedance.evaluation import match_features, match_gallery, report
from livedance.evaluation.exact_tracker import exact_beats
from livedance.evaluation.match_features import WINDOW, WINDOW_BEATS
from livedance.evaluation.match_gallery import GALLERY, SAME_TAKE, Found, Share, Space
from livedance.evaluation.match_net import Encoders
from livedance.evaluation.sync import Track
from livedance.messages import SAMPLES_PER_BEAT
from livedance.paths import model_dir
from livedance.training.dance import soundtrack
from livedance.training.dance.soundtrack import Soundtrack
from livedance.training.match.pairs import group_of, heard_on, motion_of

Array = NDArray[np.floating]
F32 = NDArray[np.float32]
Tell = Callable[[str], None]

GENERATORS: Final = ("motion-graph", "network")
EXACT: Final = "exact"
HEARD: Final = "heard"
TEMPI: Final = (80.0, 135.0)
"""Music is steady, at the take's own tempo within these: beyond them the stage dances at half or double tempo."""
MUSIC_SEED: Final = 900_000
"""Far from the seeds of the music that the encoders learnt from."""
REAL, TRAIN, STILL, BEAT = "real, held-out", "real, training", "mean pose", "the beat alone"
ROTATED, OTHERS = "music rotated", "music of other takes"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """One take with one piece of music on its beats."""

    clip: Clip
    music: Soundtrack
    heard: F32
    """(8 n, N_MUSIC)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was found for one kind of dance."""

    dance: str
    music: str
    """What it was looked for in: its own, or a control's."""
    found: Found


def run(
    *, seeds: Sequence[int], generators: Sequence[str], n_train: int, model: Path | None, out: Path | None, tell: Tell
) -> list[Row]:
    """Make music, dance, search, write the report, if one is wanted, and return its rows."""
    encoders = Encoders.load(model)
    takes = _takes()
    held_out = _pieces(takes["held_out"], seeds, tell)
    real = space(encoders, held_out, [motion_of(piece.clip) for piece in held_out])
    rows = [row(REAL, "its own", real)]
    if n_train:
        trained = _pieces(takes["train"][:: -(-len(takes["train"]) // n_train)], seeds[:1], tell)
        rows.append(row(TRAIN, "its own", space(encoders, trained, [motion_of(piece.clip) for piece in trained])))
    for generator in generators:
        for tracker in (EXACT, HEARD):
            danced = []
            for number, piece in enumerate(held_out):
                tell(f"{generator}, {tracker} beats: {piece.clip.id}, {number + 1} of {len(held_out)}")
                danced.append(dance_to(piece.music, generator, tracker, seed=number + 1))
            found = space(encoders, held_out, danced)
            rows.append(row(f"{generator}, {tracker} beats", "its own", found))
            if tracker == HEARD:
                rows += controls(f"{generator}, {tracker} beats", found)
    rows += controls(REAL, real)
    still = [np.zeros_like(motion_of(piece.clip)) for piece in held_out]
    rows.append(row(STILL, "its own", space(encoders, held_out, still)))
    beat = match_gallery.beat_alone(real)
    rows += [row(BEAT, "its own", beat), *controls(BEAT, beat)]
    write_report(rows, seeds, [piece.clip.id for piece in held_out[:: len(seeds)]], out)
    return rows


def row(dance: str, music: str, where: Space, partner: NDArray[np.intp] | None = None) -> Row:
    """Return what is found in a space; with other partners than its own, for controls."""
    return Row(dance=dance, music=music, found=match_gallery.retrieve(where, 0, partner))


def controls(dance: str, where: Space) -> list[Row]:
    """Return rows that must be at chance: another moment of the same music, and the music of another take."""
    return [
        row(dance, ROTATED, where, match_gallery.rotated(where, 0)),
        row(dance, OTHERS, where, match_gallery.of_others(where, 0)),
    ]


def tempo_of(clip: Clip) -> float:
    """Return the tempo of the music for a take."""
    return float(np.clip(clip.native_bpm, *TEMPI))


def space(encoders: Encoders, pieces: Sequence[Piece], danced: Sequence[F32]) -> Space:
    """Return the windows of dances (8 n, N_MOTION) to pieces, and of the pieces, in the common space."""
    groups = sorted({group_of(piece.clip) for piece in pieces})
    spaces = []
    for number, (piece, motion) in enumerate(zip(pieces, danced, strict=True)):
        starts = match_features.starts_of(min(len(motion), len(piece.heard)))
        cut = match_features.windows(motion, starts, is_music=False)
        spaces.append(
            Space(
                motion=encoders.motion(cut),
                music=encoders.music(match_features.windows(piece.heard, starts, is_music=True)),
                take=np.full(len(starts), number),
                group=np.full(len(starts), groups.index(group_of(piece.clip))),
                start=starts,
            )
        )
    return match_gallery.joined(spaces)


def dance_to(music: Soundtrack, generator: str, tracker: str, seed: int) -> F32:
    """Return (8 n, N_MOTION): what the first dancer shows on the beats of the take; the brain hears from the start."""
    seconds = float(music.beats_s[-1]) + 0.5
    track = Track(name="soundtrack", samples=music.samples, beats_s=music.beats_s, tracker=soundtrack.TRACKER)
    assert track.seconds >= seconds
    if tracker == EXACT:
        period = float(music.beats_s[1] - music.beats_s[0])
        before = np.arange(music.beats_s[0], 0.0, -period)[:0:-1]
        with exact_beats(np.concatenate([before, music.beats_s, music.beats_s[-1] + [period]])) as name:
            shown = dances.dance(track, name, generator, seed)
    else:
        shown = dances.dance(track, soundtrack.TRACKER, generator, seed)
    n = (len(music.beats_s) - 1) * SAMPLES_PER_BEAT
    times_s = np.interp(np.arange(n) / SAMPLES_PER_BEAT, np.arange(len(music.beats_s)), music.beats_s)
    return match_features.motion(beat_samples.cubic(shown, times_s * dances.FPS))


def _takes() -> dict[str, list[Clip]]:
    """Return the takes of each split that are no motion on the floor and long enough for queries."""
    splits = tomllib.loads((model_dir(library.NAME) / "splits.toml").read_text(encoding="utf-8"))
    clips = {c.id: c for c in MotionLibrary.shipped().clips if "floor" not in c.tags and c.n_beats >= 3 * WINDOW_BEATS}
    return {name: [clips[i] for i in splits[name]["clips"] if i in clips] for name in ("held_out", "train")}


def _pieces(clips: Sequence[Clip], seeds: Sequence[int], tell: Tell) -> list[Piece]:
    made = []
    for clip in clips:
        for seed in seeds:
            tell(f"music for {clip.id}")
            music = soundtrack.of_clip(clip, MUSIC_SEED + seed, bpm=tempo_of(clip))
            made.append(Piece(clip=clip, music=music, heard=heard_on(music)))
    return made


def goals(rows: Sequence[Row]) -> list[list[str]]:
    """Return (goal, found, reached or not) of each generator with heard beats."""
    by = {(r.dance, r.music): r.found for r in rows}
    real = by[REAL, "its own"].r1.value
    out = []
    for generator in GENERATORS:
        name = f"{generator}, {HEARD} beats"
        if (name, "its own") not in by:
            continue
        own, turned = by[name, "its own"].r1, by[name, ROTATED].r1
        luck = match_gallery.chance(1)
        out += [
            [f"{generator}: R@1 ≥ 5 × chance", f"{own.value / luck:.1f} ×", _yes(own.value >= 5 * luck)],
            [f"{generator}: R@1 ≥ 70 % of real", f"{100 * own.value / real:.0f} %", _yes(own.value >= 0.7 * real)],
            [f"{generator}: at chance, music rotated", interval(turned), _yes(turned.low <= luck <= turned.high)],
        ]
    return out


def _yes(reached: bool) -> str:
    return "yes" if reached else "**no**"


def interval(share: Share) -> str:
    """Return a share and its interval in per cent."""
    return f"{100 * share.value:.1f} ({100 * share.low:.1f}–{100 * share.high:.1f})"


def write_report(rows: Sequence[Row], seeds: Sequence[int], held_out: Sequence[str], out: Path | None) -> None:
    """Write `out`.json and `out`.md."""
    head = ["dance", "music", "queries", "R@1 %", "to music R@1", "R@5", "to dance R@1", "R@5", "phase %",
            "takes %", "matched", "others"]  # fmt: skip
    cells = [
        [
            r.dance, r.music, r.found.queries, interval(r.found.r1), interval(r.found.to_music_r1),
            interval(r.found.to_music_r5), interval(r.found.to_dance_r1), interval(r.found.to_dance_r5),
            interval(r.found.phase), interval(r.found.takes),
            r.found.matched, r.found.mismatched,
        ]
        for r in rows
    ]  # fmt: skip
    luck = [
        f"{100 * match_gallery.chance(k, n):.1f}"
        for k, n in ((1, GALLERY), (5, GALLERY), (1, 1 + SAME_TAKE), (1, GALLERY - SAME_TAKE))
    ]
    r1, r5, phase, takes = luck
    cells.append(["chance", "–", None, r1, r1, r5, r1, r5, phase, takes, None, None])
    reached = goals(rows)
    explanation = _EXPLANATION.format(takes=", ".join(held_out), n_music=len(seeds))
    tables = [report.table(head, cells), "## Goals\n", report.table(["goal", "found", "reached"], reached), _LIMITS]
    data = {
        "rows": list(rows),
        "goals": reached,
        "chance": {"r1": match_gallery.chance(1), "r5": match_gallery.chance(5)},
    }
    report.write(out, "Dance found by music, music by dance", explanation, data, tables)


def summary(rows: Sequence[Row]) -> list[str]:
    """Return a line for each kind of dance."""
    return [
        f"{r.dance:30} {r.music:22} R@1 {interval(r.found.r1):20} to music {100 * r.found.to_music_r1.value:5.1f}  "
        f"to dance {100 * r.found.to_dance_r1.value:5.1f}  matched {r.found.matched:.2f}  "
        f"others {r.found.mismatched:.2f}  phase {100 * r.found.phase.value:.0f}  takes {100 * r.found.takes.value:.0f}"
        for r in rows
    ]


_EXPLANATION: Final = """\
`livedance eval match`: cross-modal retrieval, the paper's third contribution. Two encoders, taught by InfoNCE on the
training takes (`livedance train match`; frozen before any generator was scored, never a loss of anything), put eight
beats of dance and eight beats of heard music into one space. A query is one window; its gallery holds its partner, 8
windows of the same dance and music at a wrong phase of the beat (a quarter or more), and 23 of other takes. *To
music*: a dance looks for its music; *to dance*: the other way; *R@1*: both. *Matched* and *others*: mean 1 − cosine of
partners and of the rest. In brackets: 95 % intervals by bootstrap over blocks of eight beats.

Held-out takes: {takes};
{n_music} pieces of music each, synthesised on the take's beats at a steady tempo, level and layers following the take's
energy, heard through the product's features and tracker. The generators dance to the same pieces through brain and
player with life and groove, knowing nothing of the take, on exact beats or on what the tracker heard. *Real, training*:
training takes with new music. *Mean pose*: nothing moves; equals are drawn by lot. Controls: the partner is another
moment of the same music (*rotated*), or a window of another take's music.

*Phase*: the partner is nearer than the eight of its own take (chance 11.1 %), which is the beat alone; *takes*: it is
nearer than the 23 of other takes (chance 4.2 %), which takes the beat and the rise and fall of energy. *The beat
alone*: what is found by who knows the phase of every window exactly, and nothing else. Its controls are a little over
chance: their partners come at any phase, the eight rivals never at the partner's own.
"""

_LIMITS: Final = """\
What this says, and what not: the encoders see no tempo and no mean strength, so a match is beat, accent and the rise
and fall of energy within eight beats. There is no real pair of dance and music in the data: beats were recovered from
the motion (about half of its accents lie on them), music was written on them by rule. A dance that keeps the beat and
follows that rule better than people do can be found more often than real dance; that is no musicality. Three groups of
held-out takes are few: the intervals hold for them, not for dance at large.
"""

assert WINDOW == WINDOW_BEATS * match_features.STEPS_PER_BEAT
