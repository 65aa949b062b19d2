"""Blind pairs: two dances one over the other, by the same figure and camera, to be judged by who does not know them.

Each pair sets our dance against held-out motion or against the bare motion graph, in the same style, at the same beats
of the same music. Which is above is drawn by chance and written to a key outside the folder that judges are given.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from livedance import config as configs
from livedance.dance import chance
from livedance.errors import FileError
from livedance.evaluation import choreography_anchor as anchor
from livedance.evaluation import choreography_pictures as pictures
from livedance.evaluation import report
from livedance.evaluation.choreography_dance import BARE, UNDIRECTED, Danced, Night, dance
from livedance.evaluation.choreography_set import Piece, in_a_row
from livedance.evaluation.choreography_track import BeatTrack, of_clip, to_front

OURS, HELD_OUT, BARE_GRAPH = "ours", "held-out", "bare graph"
GOALS: Final = {HELD_OUT: 0.40, BARE_GRAPH: 0.75}
"""Share of pairs in which ours shall be called the living one."""
EXCERPT_BEATS: Final = 8
FROM_BEAT: Final = 16
"""Waking and the first form are left out."""
QUESTION: Final = """\
# Blind pairs

Each picture shows two dances, A above B: sixteen pictures over two beats, sixteen over eight beats (the bar under a
picture is bright on a beat), the path of the hips over the floor, the speed over the beats. Both dance to the same
music. Which one is alive, and why? Write a file of this form, one answer for every picture:

    {"judge": "name", "answers": {"01": ["A", "why, in one sentence"], "02": ["B", "..."]}}
"""
_ORDER_KEY: Final = 0xAB


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One picture."""

    number: str
    above: str
    below: str
    style: str
    music: str
    beat: float
    clip: str
    """The held-out clip, "" where there is none."""


def make(
    folder: Path, pieces: Sequence[Piece], seed: int, settings: Mapping[str, Any], tell: Callable[[str], None]
) -> list[Pair]:
    """Write the pictures and the question to `folder`, the key beside it; return the pairs.

    For every held-out clip there are two pairs of either kind. Raises `FileError`.
    """
    pairs: list[Pair] = []
    names = [name for name in anchor.held_out() for _ in range(2)]
    order = chance.generator(seed, _ORDER_KEY, 0).permutation(2 * len(names))
    for i, place in enumerate(order):
        name, against = names[place // 2], (HELD_OUT, BARE_GRAPH)[place % 2]
        tell(f"pair {i + 1} of {len(order)}")
        pairs.append(_pair(folder, f"{i + 1:02d}", name, against, pieces, seed + int(place), settings))
    _write(folder / "README.md", QUESTION)
    _write(key_of(folder), json.dumps([report.plain(pair) for pair in pairs], indent=1) + "\n")
    return pairs


def key_of(folder: Path) -> Path:
    """Return where the key of the pairs in `folder` lies: beside it."""
    return folder.parent / f"{folder.name}.key.json"


def tally(key: Path, answers: Sequence[Path]) -> str:
    """Return what judges said as Markdown; raises `FileError` for files that cannot be read."""
    pairs = {pair["number"]: pair for pair in _read(key)}
    votes: dict[str, list[bool]] = {against: [] for against in GOALS}
    rows: list[list[Any]] = []
    for path in answers:
        told = _read(path)
        for number, (side, why) in sorted(told["answers"].items()):
            pair = pairs[number]
            alive = pair["above"] if side.strip().upper() == "A" else pair["below"]
            against = pair["below"] if pair["above"] == OURS else pair["above"]
            votes[against].append(alive == OURS)
            rows.append([told["judge"], number, pair["style"], against, alive, why])
    lines = [
        f"Against {against}: ours was called alive in {sum(found)} of {len(found)} answers "
        f"({100 * float(np.mean(found)):.0f} %, goal {100 * GOALS[against]:.0f} %).\n"
        for against, found in votes.items()
        if found
    ]
    return "\n".join([*lines, report.table(["judge", "pair", "style", "against", "called alive", "why"], rows)])


def _pair(
    folder: Path, number: str, clip: str, against: str, pieces: Sequence[Piece], seed: int, settings: Mapping[str, Any]
) -> Pair:
    rng = chance.generator(seed, _ORDER_KEY, 1)
    known = anchor.library().clip(clip)
    piece = min(pieces, key=lambda piece: abs(np.log(_bpm(piece) / known.native_bpm)))
    styled = configs.merge(settings, {"dance": {"style": known.style}, **UNDIRECTED})
    ours = _danced(piece, seed, styled)
    eights = ours.log.beat[(ours.log.count == 0) & (ours.log.beat >= FROM_BEAT)]
    beat = float(rng.choice(eights[eights < ours.tracks[0].beats[-1] - EXCERPT_BEATS - 2]))
    shown = {OURS: _excerpt(ours.tracks[0], beat)}
    if against == HELD_OUT:
        track = of_clip(anchor.library().beat_motion(clip), _bpm(piece))
        shown[HELD_OUT] = _excerpt(track, float(rng.integers(1, max(2, int(track.beats[-1]) - EXCERPT_BEATS - 1))))
    else:
        shown[BARE_GRAPH] = _excerpt(_danced(piece, seed, configs.merge(styled, BARE)).tracks[0], beat)
    above, below = (str(name) for name in rng.permutation([OURS, against]))
    sheets = [
        pictures.labelled(letter, pictures.SIZE_PX[0] * pictures.PICTURES) if part is None else part
        for letter, name in (("A", above), ("B", below))
        for part in (None, pictures.sheet([shown[name]], 0.0, beats=EXCERPT_BEATS))
    ]
    pictures.save(np.vstack(sheets), folder / f"{number}.png")
    return Pair(
        number=number, above=above, below=below, style=known.style, music=piece.name, beat=beat,
        clip=clip if against == HELD_OUT else "",
    )  # fmt: skip


def _danced(piece: Piece, seed: int, settings: Mapping[str, Any]) -> Danced:
    return dance(Night(music=in_a_row(piece.name, [piece]), seed=seed, settings=settings))


def _excerpt(track: BeatTrack, beat: float) -> BeatTrack:
    """Return eight beats from `beat` on as beats from 0 on, in the middle of the stage, facing the front."""
    part = to_front(track.between(beat, beat + EXCERPT_BEATS))
    return BeatTrack(
        name="", first_beat=0.0, t_s=part.t_s - part.t_s[0], root_position_m=part.root_position_m,
        joint_rotations_wxyz=part.joint_rotations_wxyz, foot_contact=part.foot_contact,
        joint_positions_m=part.joint_positions_m, is_dancing=part.is_dancing, seam_beats=np.zeros(0),
    )  # fmt: skip


def _bpm(piece: Piece) -> float:
    return 60.0 / float(np.median(np.diff(piece.beats_s)))


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror}") from error


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read {path}: {error}") from error
