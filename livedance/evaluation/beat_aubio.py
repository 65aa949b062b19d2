"""aubio as it comes, called as LedFx calls it."""

from __future__ import annotations

import importlib.util
from typing import Final

from livedance.errors import MissingExtra
from livedance.evaluation.beat_hearing import Stopwatch, blocks
from livedance.evaluation.beat_take import Announcement, Take, from_announcements
from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES

BEST: Final = ("complex", 2048)
"""aubio's best method and window (reference: eight tunings tried)."""


class AubioPeer:
    """One tuning; a beat is claimed for `get_last_s()`, its phase goes on at `get_bpm()`."""

    def __init__(self, method: str = "default", window: int = 1024) -> None:
        self.name = f"aubio {method}/{window}"
        self._method, self._window = method, window

    @staticmethod
    def is_there() -> bool:
        """Whether the package is installed."""
        return importlib.util.find_spec("aubio") is not None

    def listen(self, audio: F32) -> tuple[Take, ...]:
        """Hear one item; raises `MissingExtra` without the package."""
        try:
            import aubio
        except ImportError as error:
            raise MissingExtra(f"the peer {self.name}", "aubio") from error
        tempo = aubio.tempo(self._method, self._window, HOP_SAMPLES, HOP_RATE_HZ)
        tempo.set_silence(-90.0)
        watch, told = Stopwatch(), list[Announcement]()
        for t_s, samples in blocks(audio):
            with watch.call():
                is_beat = bool(tempo(samples)[0])
            if is_beat:
                bpm = float(tempo.get_bpm())
                told.append(Announcement(claimed_s=float(tempo.get_last_s()), announced_s=t_s, tempo_bpm=bpm))
        return (from_announcements(self.name, told, watch.cost),)
