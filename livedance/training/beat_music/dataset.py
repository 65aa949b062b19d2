"""One clip of training music with its exact truth, from a seed: the same seed gives the same samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from livedance.errors import ConfigError
from livedance.messages import F32
from livedance.training.beat_music import arranger, banks, dj, mixer, speech, truths, venue
from livedance.training.beat_music.banks import Banks, Places, Split
from livedance.training.beat_music.dj import Clip
from livedance.training.beat_music.piece import DRUMS, Piece, Truth, truth_of
from livedance.training.beat_music.samples import RATE_HZ

KINDS: Final[dict[str, float]] = {
    "steady": 0.34, "full": 0.20, "ramp": 0.08, "cut": 0.08, "mix": 0.08, "break": 0.08, "noise": 0.08,
    "sparse": 0.02, "speech": 0.02, "silence": 0.02,
}  # fmt: skip
"""Kinds of clips and how often each is drawn. "speech" is alone or over music, "silence" anything without a pulse."""
CLIP_S: Final = 60.0
VENUE_SHARE: Final = 0.45
_CODED_SHARE: Final = 0.15
_SALT: Final = 0xBEA7


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What is at hand while one clip is made."""

    rng: np.random.Generator
    banks: Banks
    duration_s: float

    @property
    def count(self) -> int:
        """Samples of the clip."""
        return round(self.duration_s * RATE_HZ)


def example(
    seed: int, split: Split, kind: str | None = None, duration_s: float = CLIP_S, *, places: Places | None = None
) -> tuple[F32, Truth]:
    """Return a clip (N,), mono float32 at 44.1 kHz within -1 to 1, and its truth in seconds of the clip.

    `kind` is one of `KINDS`; None draws one. `places` says where the sounds lie.
    Raises `ConfigError` when the seed is not of the split, the kind is not known, or sounds are missing.
    """
    if banks.split_of(seed) != split:
        raise ConfigError(f"seed {seed} belongs to the split '{banks.split_of(seed)}', not to '{split}': see beat.toml")
    rng = np.random.default_rng([seed, _SALT])
    drawn = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    kind = drawn if kind is None else kind
    if kind not in _MAKERS:
        raise ConfigError(f"there is no kind of clip '{kind}': there are {', '.join(_MAKERS)}")
    desk = _Desk(rng=rng, banks=banks.find(split, places), duration_s=duration_s)
    audio, truth = _of_length(_MAKERS[kind](desk), desk)
    return _heard(audio, kind, rng), replace(truth, category=kind)


def _of_length(clip: Clip, desk: _Desk) -> Clip:
    audio, truth = clip
    fitted = np.zeros(desk.count, np.float32)
    fitted[: min(len(audio), desk.count)] = audio[: desk.count]
    return fitted, truths.window(truth, 0.0, desk.duration_s)


def _heard(audio: F32, kind: str, rng: np.random.Generator) -> F32:
    """Return the clip as the microphone or the line gives it."""
    if rng.random() < _CODED_SHARE:
        audio = venue.coded(audio, rng)
    if kind == "noise":
        audio = venue.heard(audio, rng, float(rng.uniform(0.7, 1.0)))
    elif rng.random() < VENUE_SHARE:
        audio = venue.heard(audio, rng, float(rng.choice([rng.uniform(0.1, 0.4), rng.uniform(0.5, 1.0)])))
    else:
        audio = venue.levelled(audio, rng)
    return np.clip(np.nan_to_num(audio), -1.0, 1.0).astype(np.float32)


def _composed(desk: _Desk, seconds: float, *, bpm: float | None = None, form: str | None = None) -> Piece:
    """Return a piece that lasts at least `seconds` at 200 BPM, or of a full form."""
    bars = (
        int(np.ceil(seconds * 200 / 60 / 4 / 8) * 8) if bpm is None else int(np.ceil(seconds * bpm / 240 / 8) * 8) + 8
    )
    return arranger.compose(desk.rng, bpm=bpm, bars=bars, form=form)


def _excerpt(desk: _Desk, piece: Piece, seconds: float, *, start_s: float | None = None) -> Clip:
    """Return `seconds` of `piece` (less if it is shorter) from `start_s`, or from a random place."""
    end_s = float(piece.tempo.seconds(float(piece.beats)))
    if start_s is None:
        start_s = float(desk.rng.uniform(0.0, max(0.0, end_s - seconds)))
    start = round(start_s * RATE_HZ)
    length_s = min(seconds, end_s - start / RATE_HZ)
    audio = mixer.render(piece, desk.banks, desk.rng, start_s=start / RATE_HZ, duration_s=length_s)
    return audio, truths.window(truth_of(piece), start / RATE_HZ, start / RATE_HZ + length_s)


def _song(desk: _Desk, seconds: float, form: str | None = None) -> Clip:
    return _excerpt(desk, _composed(desk, seconds, form=form), seconds)


def _steady(desk: _Desk) -> Clip:
    """Return a stretch of one piece; sometimes it begins after silence, as when a track is started."""
    if desk.rng.random() > 0.3:
        return _song(desk, desk.duration_s)
    lead_s = float(desk.rng.uniform(0.1, 3.0))
    piece = _composed(desk, desk.duration_s)
    return _after_silence(_excerpt(desk, piece, desk.duration_s - lead_s, start_s=0.0), lead_s)


def _after_silence(clip: Clip, lead_s: float) -> Clip:
    lead = round(lead_s * RATE_HZ)
    moved = truths.shifted(clip[1], lead / RATE_HZ)
    return np.concatenate([np.zeros(lead, np.float32), clip[0]]), moved


def _full(desk: _Desk) -> Clip:
    """Return a stretch of a piece with intro, builds, drops and breaks."""
    return _song(desk, desk.duration_s, form="full")


def _ramp(desk: _Desk) -> Clip:
    """Return a piece under a moving pitch fader: rides, steps and slow drifts within +-16 %."""
    rng = desk.rng
    clip = _song(desk, desk.duration_s * 1.16 + 1)
    times = np.sort(rng.uniform(0.1, 0.9, int(rng.integers(2, 7)))) * desk.duration_s
    widest = float(rng.choice([0.04, 0.08, 0.16]))
    speeds = rng.uniform(1 - widest, 1 + widest, len(times))
    step_s = 0.05
    grid = np.arange(0.0, desk.duration_s + 2 * step_s, step_s)
    return dj.ridden(clip, np.interp(grid, times, speeds), step_s)


def _cut(desk: _Desk) -> Clip:
    """Return two to four tracks that follow each other hard: cuts, gaps, backspins, echoes out."""
    rng = desk.rng
    edges = np.cumsum(rng.dirichlet(np.full(int(rng.integers(2, 5)), 6.0))) * desk.duration_s
    clip = _song(desk, float(edges[0]) + 1)
    for edge in edges[:-1]:
        following = _song(desk, desk.duration_s - float(edge) + 2)
        clip = _changed(clip, following, min(float(edge), len(clip[0]) / RATE_HZ - 0.1), rng)
    return clip


def _changed(first: Clip, second: Clip, at_s: float, rng: np.random.Generator) -> Clip:
    beats = first[1].beat_s[(first[1].beat_s > at_s - 1) & (first[1].beat_s < at_s)]
    how = rng.choice(["cut", "gap", "on the beat", "spin", "echo"], p=[0.35, 0.15, 0.2, 0.15, 0.15])
    if how == "spin":
        return dj.spun_back(first, second, at_s, float(rng.uniform(0.5, 1.5)), rng)
    if how == "gap":
        return dj.cut(first, second, at_s, float(rng.uniform(0.05, 2.5)))
    if len(beats) > 1 and how == "echo":
        return dj.echoed_out(first, second, float(beats[-1]), float(beats[-1] - beats[-2]), int(rng.integers(2, 9)))
    if len(beats) and how == "on the beat":
        return dj.cut(first, second, float(beats[-1]))
    return dj.cut(first, second, at_s)


def _mix(desk: _Desk) -> Clip:
    """Return one track mixed into another: beat on beat, or two tempi that clash."""
    rng = desk.rng
    length_s = desk.duration_s
    if rng.random() < 0.55:
        first = _composed(desk, length_s)
        if len(set(first.tempo.bpm)) == 1:
            second = _composed(desk, length_s, bpm=first.tempo.bpm[0])
            if second.meter == first.meter and second.tempo.bpm[0] == first.tempo.bpm[0]:
                return _matched(desk, first, second)
    clip, other = _song(desk, 0.75 * length_s), _song(desk, length_s)
    fade_s = float(rng.uniform(2.0, 0.2 * length_s))
    return dj.clashing(clip, other, float(rng.uniform(0.25, 0.75)) * 0.75 * length_s, fade_s)


def _matched(desk: _Desk, first: Piece, second: Piece) -> Clip:
    bar_s = first.meter * 60.0 / first.tempo.bpm[0]
    clip = _excerpt(desk, first, desk.duration_s)
    downbeats = clip[1].downbeat_s
    early = downbeats[(downbeats > 0.15 * desk.duration_s) & (downbeats < 0.5 * desk.duration_s)]
    at_s = float(early[desk.rng.integers(len(early))]) if len(early) else float(downbeats[0])
    bars = 2 * max(1, int(desk.rng.integers(1, max(2, int(0.25 * desk.duration_s / bar_s)))))
    phrase_s = second.phrase_bars * bar_s
    cue_s = phrase_s * int(desk.rng.integers(0, 3)) if desk.rng.random() < 0.7 else 0.0
    other = _excerpt(desk, second, desk.duration_s, start_s=cue_s)
    return dj.matched(clip, other, at_s, bars * bar_s, desk.rng)


def _break(desk: _Desk) -> Clip:
    """Return a piece with one or two breaks by hand of about 8 s: muted, under a pad, or low-passed."""
    rng = desk.rng
    clip = _song(desk, desk.duration_s)
    for part in ((0.15, 0.45), (0.55, 0.8)):
        downbeats = clip[1].downbeat_s
        starts = downbeats[(downbeats > part[0] * desk.duration_s) & (downbeats < part[1] * desk.duration_s)]
        if not len(starts):
            continue
        start_s = float(starts[rng.integers(len(starts))])
        ends = downbeats[downbeats > start_s + 1.0]
        if not len(ends):
            continue
        end_s = float(ends[np.argmin(np.abs(ends - start_s - rng.uniform(3.0, 10.0)))])
        muted = bool(rng.random() < 0.75)
        under = _floor(rng, round((end_s - start_s) * RATE_HZ) + 1) if rng.random() < 0.6 else None
        clip = dj.broken(clip, start_s, end_s, under, muted=muted, cutoff_hz=float(rng.uniform(120, 400)))
    return clip


def _floor(rng: np.random.Generator, count: int) -> F32:
    """Return what is heard under a muted break."""
    pad = speech.pad(rng, count)
    return np.asarray(pad / max(float(np.abs(pad).max()), 1e-6) * rng.uniform(0.1, 0.5), dtype=np.float32)


def _sparse(desk: _Desk) -> Clip:
    """Return a piece whose drummer has gone: the pulse is in basses, chords and arpeggios alone."""
    piece = _composed(desk, desk.duration_s)
    melodic = tuple(note for note in piece.notes if note.part not in DRUMS)
    rhythmic = sum(note.part in ("bass", "arp", "pluck", "guitar", "chord") for note in melodic)
    notes = melodic if rhythmic > piece.beats / 2 else piece.notes
    return _excerpt(desk, replace(piece, notes=notes), desk.duration_s)


def _speech(desk: _Desk) -> Clip:
    """Return talk: alone, or louder than music."""
    rng = desk.rng
    source = speech.SPOKEN[str(rng.choice(list(speech.SPOKEN)))]
    talk = _unit(source(rng, desk.count))
    if rng.random() < 0.5:
        return talk, truths.without_beat(desk.duration_s, "speech")
    audio, truth = _of_length(_song(desk, desk.duration_s), desk)
    return audio + talk * np.float32(rng.uniform(0.3, 1.5)), truth


def _silence(desk: _Desk) -> Clip:
    """Return sound without a pulse; sometimes one follows the other."""
    rng = desk.rng
    parts = [speech.UNPULSED[str(name)] for name in rng.choice(list(speech.UNPULSED), 2)]
    first = int(rng.choice([desk.count, desk.count * rng.uniform(0.2, 0.8)]))
    sounds = [part(rng, n) for part, n in zip(parts, (first, desk.count - first), strict=True) if n > 0]
    return np.concatenate([_unit(sound) for sound in sounds]), truths.without_beat(desk.duration_s, "silence")


def _unit(sound: F32) -> F32:
    peak = float(np.abs(sound).max(initial=0.0))
    return sound / np.float32(peak) if peak > 1e-2 else sound


_MAKERS: Final[dict[str, Callable[[_Desk], Clip]]] = {
    "steady": _steady, "full": _full, "ramp": _ramp, "cut": _cut, "mix": _mix, "break": _break, "noise": _steady,
    "sparse": _sparse, "speech": _speech, "silence": _silence,
}  # fmt: skip
