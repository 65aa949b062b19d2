"""Does it repeat itself? What the notes of a danced night say about phrases, and how much of the library was used."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance.direction import PhraseNote
from livedance.dance.library import Clip

Array = NDArray[np.floating]

AGAIN_WITHIN_S: Final = 300.0
OVERLAP: Final = 0.5
"""Two phrases are the same when so much of the shorter one lies in the other."""
PHRASE_BEATS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Variety:
    """Figures of one dancer's phrases."""

    phrases: int
    themes_again: int
    """Phrases that return as the theme that they are: meant. Phrases without a theme are danced once."""
    repeats: int
    """Phrases that return within five minutes just as they were though nobody asked for it."""
    repeats_varied: int
    """Those that return as their mirror image, or with other arms: counted as variation."""
    used: float
    """Share of the library's eight-beat phrases of the styles that were danced, of which half or more was shown."""
    most_over_fair: float
    """Uses of the most used phrase over an equal share for all that fit; themes that return count once."""
    styles: int


@dataclass(frozen=True, slots=True)
class _Span:
    clip: str
    start: float
    end: float

    def shares(self, other: _Span) -> bool:
        if self.clip != other.clip:
            return False
        common = min(self.end, other.end) - max(self.start, other.start)
        return common >= OVERLAP * min(self.end - self.start, other.end - other.start)


def variety(notes: Sequence[PhraseNote], time_of: Callable[[float], float], clips: Sequence[Clip]) -> Variety:
    """Return the figures of one dancer's notes, in order.

    Args:
        notes: of one dancer.
        time_of: seconds at a dance beat.
        clips: the library's clips that one dancer may dance.
    """
    spans = [span_of(note) for note in notes]
    times = [time_of(note.beat) for note in notes]
    again = plain = varied = 0
    firsts = []
    for i, note in enumerate(notes):
        recent = bisect_left(times, times[i] - AGAIN_WITHIN_S, hi=i)
        earlier = [j for j in range(recent, i) if spans[i].shares(spans[j])]
        if any(_is_theme_again(notes[j], note) for j in earlier):
            again += 1
            continue
        firsts.append(spans[i])
        alike = [(notes[j].mirrored, notes[j].arms) == (note.mirrored, note.arms) for j in earlier]
        plain += any(alike)
        varied += bool(earlier) and not any(alike)
    styles = {note.style for note in notes}
    used, most = use_of_library(firsts, [clip for clip in clips if clip.style in styles])
    return Variety(
        phrases=len(notes),
        themes_again=again,
        repeats=plain,
        repeats_varied=varied,
        used=used,
        most_over_fair=most,
        styles=len(styles),
    )


def span_of(note: PhraseNote) -> _Span:
    """Return which beats of which clip a note's phrase shows."""
    return _Span(note.clip, note.clip_beat, note.clip_beat + note.rate * note.beats)


def use_of_library(spans: Sequence[_Span], clips: Sequence[Clip]) -> tuple[float, float]:
    """Return (share of the clips' eight-beat phrases of which half or more was shown, most used over fair share)."""
    blocks = [
        _Span(clip.id, start, min(start + PHRASE_BEATS, clip.n_beats))
        for clip in clips
        for start in range(0, max(1, clip.n_beats - PHRASE_BEATS // 2 + 1), PHRASE_BEATS)
    ]
    by_clip: dict[str, list[_Span]] = {}
    for block in blocks:
        by_clip.setdefault(block.clip, []).append(block)
    uses: Counter[_Span] = Counter()
    for span in spans:
        shown = [block for block in by_clip.get(span.clip, ()) if _covers(span, block)]
        uses.update(shown)
    if not blocks or not uses:
        return 0.0, np.nan
    fair = sum(uses.values()) / len(blocks)
    return len(uses) / len(blocks), max(uses.values()) / max(fair, 1.0)


def _covers(span: _Span, block: _Span) -> bool:
    common = min(span.end, block.end) - max(span.start, block.start)
    return common >= OVERLAP * (block.end - block.start) - 1e-6


def _is_theme_again(earlier: PhraseNote, later: PhraseNote) -> bool:
    return earlier.theme >= 0 and (earlier.theme, earlier.style) == (later.theme, later.style)
