"""Trackers of the registry as peers: one hearing, two takes.

As `livedance beats` tells it (through the beat clock, what the show dances to), and bare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance import registry
from livedance.beat.choice import knows_structure
from livedance.cli.beats import Listener
from livedance.evaluation.beat_hearing import Stopwatch, blocks
from livedance.evaluation.beat_take import Take, heard_beats
from livedance.messages import F32, BeatEstimate, Features, Hop, Section

F64 = NDArray[np.float64]

BARE: Final = " (bare)"
"""Behind the name of a registry tracker that is read before the beat clock."""
_SECTIONS: Final = {section.name.lower(): int(section) for section in Section}


class _Watched:
    """A tracker that is timed and written down on the way."""

    def __init__(self, tracker: Any, watch: Stopwatch, said: list[BeatEstimate]) -> None:
        self._tracker, self._watch, self._said = tracker, watch, said
        self.latency_s: float = tracker.latency_s
        self.knows_structure: bool = knows_structure(tracker)

    def initial_state(self) -> Any:
        return self._tracker.initial_state()

    def step(self, state: Any, hop: Hop, features: Features) -> tuple[BeatEstimate, Any]:
        with self._watch.call():
            estimate, state = self._tracker.step(state, hop, features)
        self._said.append(estimate)
        return estimate, state


class RegistryPeer:
    """A tracker of the registry; two takes: as `livedance beats` tells it, and bare.

    Processor time is that of the tracker alone: features for the dance and the beat clock are not in it.
    """

    def __init__(self, tracker: str, options: Mapping[str, Any] | None = None, name: str | None = None) -> None:
        self.name = name or tracker
        self._tracker = registry.build("tracker", tracker, options)

    def listen(self, audio: F32) -> tuple[Take, ...]:
        """Hear one item."""
        watch, said = Stopwatch(), list[BeatEstimate]()
        with _registered(_Watched(self._tracker, watch, said)) as tracker:
            listener = Listener(tracker)
        lines, phrase_bars = [], []
        for _, samples in blocks(audio):
            lines.append(listener.hear(samples))
            phrase_bars.append(listener.clock_state.phrase_bar)
        shown = _told_take(self.name, lines, np.array(phrase_bars, dtype=np.int64), watch)
        bare = _bare_take(self.name + BARE, said, watch)
        return shown, bare if knows_structure(self._tracker) else replace(bare, section=None)


@contextmanager
def _registered(tracker: _Watched) -> Iterator[str]:
    """Within the context the registry builds `tracker` under the name given out."""
    name = "evaluated"
    _heard_now.append(tracker)
    registry.REGISTRY["tracker"][name] = f"{__name__}:_watched"
    try:
        yield name
    finally:
        del registry.REGISTRY["tracker"][name]
        _heard_now.pop()


_heard_now: list[_Watched] = []


def _watched() -> _Watched:
    """Return the tracker that is being evaluated: what the registry calls."""
    return _heard_now[-1]


def _told_take(name: str, lines: Sequence[Mapping[str, Any]], phrase_bars: NDArray[np.int64], watch: Stopwatch) -> Take:
    """Return the take of the lines of `livedance beats`."""
    t_s, is_beat = _column(lines, "t_s"), _column(lines, "is_beat") > 0.0
    beat_s = heard_beats(t_s, is_beat, _column(lines, "next_beat_s"))
    position = _column(lines, "beat_position")
    return Take(
        tracker=name,
        beat_s=beat_s,
        downbeat_s=beat_s[_column(lines, "is_downbeat")[is_beat] > 0.0],
        t_s=t_s,
        position=position,
        beats_per_s=_column(lines, "tempo_bpm") / 60.0,
        confidence=_column(lines, "confidence"),
        section=np.array([_SECTIONS[line["section"]] for line in lines], dtype=np.int64),
        phrase_s=_phrase_starts(t_s, phrase_bars, np.isfinite(position)),
        cost=watch.cost,
    )


def _bare_take(name: str, said: Sequence[BeatEstimate], watch: Stopwatch) -> Take:
    """Return the take of a tracker's own estimates."""
    t_s = np.array([e.t_s for e in said])
    is_beat = np.array([e.is_beat for e in said], dtype=bool)
    beat_s = heard_beats(t_s, is_beat, _floats([e.next_beat_s for e in said]))
    position = _floats([e.beat_position for e in said])
    phrase_bars = np.array([e.phrase_bar for e in said], dtype=np.int64)
    return Take(
        tracker=name,
        beat_s=beat_s,
        downbeat_s=beat_s[np.array([e.is_downbeat for e in said], dtype=bool)[is_beat]],
        t_s=t_s,
        position=position,
        beats_per_s=np.array([e.tempo_bpm for e in said]) / 60.0,
        confidence=np.array([e.confidence for e in said]),
        section=np.array([int(e.section) for e in said], dtype=np.int64),
        phrase_s=_phrase_starts(t_s, phrase_bars, np.isfinite(position)),
        cost=watch.cost,
    )


def _phrase_starts(t_s: F64, phrase_bars: NDArray[np.int64], is_known: NDArray[np.bool_]) -> F64:
    """Return when bar 0 of a phrase began."""
    begins = (phrase_bars[1:] == 0) & (phrase_bars[:-1] != 0) & is_known[1:]
    out: F64 = t_s[1:][begins]
    return out


def _column(lines: Sequence[Mapping[str, Any]], key: str) -> F64:
    return _floats([line[key] for line in lines])


def _floats(values: Sequence[float | None]) -> F64:
    """Return the values with NaN for None."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
