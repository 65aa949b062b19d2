"""A composed piece before any sound: notes in beats, a tempo curve, and the truth that the network shall learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from livedance.messages import Section

F64 = NDArray[np.float64]

Drum = Literal[
    "kick", "snare", "clap", "rim", "hat", "open_hat", "pedal_hat", "ride", "crash", "tom_low", "tom_mid", "tom_high",
    "shaker", "tambourine", "cowbell", "conga", "perc",
]  # fmt: skip
Tone = Literal["bass", "chord", "pad", "lead", "vocal", "arp", "pluck", "guitar", "riser", "impact"]
Part = Drum | Tone

DRUMS: Final[tuple[Drum, ...]] = Drum.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One sound: where it starts in beats (swing, ghosting and a drummer's spread are already in), and how."""

    beat: float
    beats: float
    """Length in beats; one-shot drums ring as long as their sample."""
    part: Part
    pitch: int
    """MIDI note number; 0 for drums and noise."""
    velocity: float
    """0-1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """Beats against seconds: tempo is piecewise linear in beats between `knots`; constant outside them."""

    beat: tuple[float, ...]
    bpm: tuple[float, ...]

    def seconds(self, beats: F64 | float, *, steps_per_beat: int = 64) -> F64:
        """Return when `beats` (>= 0) happen, in seconds after beat 0; exact to microseconds."""
        wanted = np.asarray(beats, dtype=np.float64)
        if len(set(self.bpm)) == 1:
            return wanted * (60.0 / self.bpm[0])
        last = float(max(wanted.max(initial=0.0), self.beat[-1])) + 1.0
        fine = np.arange(int(np.ceil(last)) * steps_per_beat + 1) / steps_per_beat
        rate = 60.0 / np.interp(fine, self.beat, self.bpm)
        seconds = np.concatenate(([0.0], np.cumsum(0.5 * (rate[1:] + rate[:-1])) / steps_per_beat))
        return np.interp(wanted, fine, seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Part of the form, in beats; spans follow each other without gaps from beat 0."""

    start: float
    end: float
    section: Section
    has_rhythm: bool
    """Whether a listener hears a pulse (drums, or a clearly rhythmic part): false in drumless breaks and pads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Notes and their truth."""

    genre: str
    notes: tuple[Note, ...]
    tempo: Tempo
    beats: int
    """Length in beats; music beats are the integers 0 ... beats - 1."""
    meter: int
    """Beats in a bar (4, 3; 6/8 counts its two dotted beats as meter 2)."""
    spans: tuple[Span, ...]
    phrase_bars: int = 8
    phrase_starts: tuple[int, ...] = ()
    """First beats of phrases where sections are not all of `phrase_bars` bars; empty: every `phrase_bars` bars."""

    @property
    def beat_s(self) -> F64:
        """Times of all beats in seconds."""
        return self.tempo.seconds(np.arange(self.beats, dtype=np.float64))

    @property
    def downbeat_s(self) -> F64:
        """Times of the first beats of all bars."""
        return self.beat_s[:: self.meter]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is true of a stretch of audio, in seconds of that audio. Made from a Piece, a mix of two, or a project."""

    beat_s: F64
    downbeat_s: F64
    phrase_s: F64
    """First beats of 8-bar phrases."""
    rhythm: tuple[tuple[float, float], ...]
    """[start, end) in which a pulse is heard."""
    sections: tuple[tuple[float, Section], ...]
    """(start, section), ascending."""
    drop_s: F64
    """First beats of drops that follow a break or a build."""
    duration_s: float
    category: str = "steady"
    """steady, ramp, cut, mix, break, noise, sparse, speech, silence ...: rows of the report."""
    genre: str = ""


def truth_of(
    piece: Piece, *, offset_s: float = 0.0, duration_s: float | None = None, category: str = "steady"
) -> Truth:
    """Return the truth of `piece` when its beat 0 sounds at `offset_s`."""
    beat_s = piece.beat_s + offset_s
    edges = [
        (float(a), float(b))
        for a, b in (piece.tempo.seconds(np.array([s.start, s.end])) + offset_s for s in piece.spans)
    ]
    drops = [
        edges[i][0]
        for i, span in enumerate(piece.spans)
        if span.section == Section.DROP and i and piece.spans[i - 1].section in (Section.BREAK, Section.BUILD)
    ]
    end_s = duration_s if duration_s is not None else edges[-1][1]
    return Truth(
        beat_s=beat_s,
        downbeat_s=beat_s[:: piece.meter],
        phrase_s=beat_s[list(piece.phrase_starts) or slice(None, None, piece.meter * piece.phrase_bars)],
        rhythm=_joined([edge for edge, span in zip(edges, piece.spans, strict=True) if span.has_rhythm]),
        sections=tuple((edge[0], span.section) for edge, span in zip(edges, piece.spans, strict=True)),
        drop_s=np.array(drops),
        duration_s=end_s,
        category=category,
        genre=piece.genre,
    )


def _joined(spans: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return `spans` with those that touch made one."""
    joined: list[tuple[float, float]] = []
    for start, end in spans:
        if joined and start - joined[-1][1] < 1e-6:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)
