"""What a beat tracker is: state in, state out, strictly causal, one hop at a time."""

from __future__ import annotations

from typing import Any, Protocol

from livedance.messages import BeatEstimate, Features, Hop


class BeatTracker(Protocol):
    """Turns hops into beat estimates. Runs in the brain's one thread; adds `latency_s`."""

    latency_s: float
    """Constant lateness of the tracker, already subtracted from its beat positions."""
    knows_structure: bool
    """Whether section, build and phrase of its estimates are heard; else a simple rule gives them (section.py)."""

    def initial_state(self) -> Any:
        """Return the state before any audio. A run from here equals any other run from here."""

    def step(self, state: Any, hop: Hop, features: Features) -> tuple[BeatEstimate, Any]:
        """Take one hop (512 samples at 44,100 Hz); everything returned was known at `hop.t_s`."""
