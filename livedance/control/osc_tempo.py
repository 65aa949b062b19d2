"""Tempo and beat from another program (rkbx_link), heard over OSC, as `external` commands for the beat clock."""

from __future__ import annotations

from livedance.messages import Command
from livedance.osc_codec import Arg

MIN_BPM, MAX_BPM = 30.0, 300.0
_FAR = 1e9


def collect(heard: dict[str, float], name: str, args: tuple[Arg, ...]) -> None:
    """Keep the newest usable number of one address in `heard`."""
    value = args[0] if args else None
    if isinstance(value, (int, float)) and abs(value) < _FAR and (name != "tempo" or MIN_BPM <= value <= MAX_BPM):
        heard[name] = float(value)


class ExternalTempo:
    """Turns a count of beats, or a ramp from 0 to 1 (older senders), into one growing position."""

    def __init__(self) -> None:
        self._tempo_bpm: float | None = None
        self._wraps = 0
        self._last = 0.0

    def step(self, heard: dict[str, float]) -> Command | None:
        """Return the newest state as a command; None until a tempo has been heard."""
        self._tempo_bpm = heard.get("tempo", self._tempo_bpm)
        if self._tempo_bpm is None:
            return None
        args: dict[str, float | str] = {"tempo": self._tempo_bpm, "clock": "osc"}
        beat = heard.get("beat", heard.get("ramp"))
        if beat is not None:
            args["beat"] = self._unwrapped(beat)
        return Command(op="external", value=self._tempo_bpm, args=args, source="osc")

    def _unwrapped(self, beat: float) -> float:
        is_ramp = 0.0 <= beat <= 1.0 and 0.0 <= self._last <= 1.0
        if not is_ramp:
            self._wraps = 0
        elif beat < self._last - 0.5:
            self._wraps += 1
        self._last = beat
        return beat + self._wraps
