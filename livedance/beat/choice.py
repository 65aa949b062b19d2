"""Which tracker listens: the one that was asked for, or aubio where our own network cannot be used; with sections."""

from __future__ import annotations

import logging
from typing import Any, Final, NamedTuple

from livedance import registry
from livedance.beat.section import SectionRule
from livedance.beat.tracker import BeatTracker
from livedance.errors import MissingExtra, ModelError
from livedance.messages import BeatEstimate, Features, Hop
from livedance.records import replace

LOG = logging.getLogger(__name__)
OWN: Final = "livedance"
STAND_IN: Final = "aubio"


class WithSections:
    """A tracker that knows the beat alone, and the simple rule for section and build. Its state is a pair."""

    knows_structure = True

    def __init__(self, tracker: BeatTracker) -> None:
        self.tracker = tracker
        self.latency_s = tracker.latency_s
        self._rule = SectionRule()

    def initial_state(self) -> Any:
        """Return the state before any audio."""
        return self.tracker.initial_state(), self._rule.initial_state()

    def step(self, state: Any, hop: Hop, features: Features) -> tuple[BeatEstimate, Any]:
        """Take one hop; everything returned was known at `hop.t_s`."""
        tracked, ruled = state
        estimate, tracked = self.tracker.step(tracked, hop, features)
        section, build, ruled = self._rule.step(ruled, features, estimate)
        return replace(estimate, section=section, build=build), (tracked, ruled)


class ChosenTracker(NamedTuple):
    """A tracker that tells beat and section, and what is to be said about it."""

    tracker: BeatTracker
    warning: str
    """One sentence when it is not the one that was asked for, else empty."""


def choose_tracker(name: str) -> ChosenTracker:
    """Return the tracker `name`; aubio, with a warning that is also logged, when the network of our own is damaged.

    Raises `ConfigError` for an unknown name, `MissingExtra` when its package is missing, `ModelError` when neither our
    network nor aubio can be used.
    """
    try:
        return ChosenTracker(_complete(registry.build("tracker", name)), "")
    except ModelError as damage:
        if name != OWN:
            raise
        try:
            tracker = _complete(registry.build("tracker", STAND_IN))
        except MissingExtra as missing:
            raise ModelError(f"{damage}; nor can the aubio tracker stand in: {missing}") from damage
        warning = f"{damage}: the aubio tracker stands in"
        LOG.warning("%s", warning)
        return ChosenTracker(tracker, warning)


def _complete(tracker: BeatTracker) -> BeatTracker:
    return tracker if knows_structure(tracker) else WithSections(tracker)


def knows_structure(tracker: BeatTracker) -> bool:
    """Return whether section, build and phrase of its estimates are its own; false for trackers that do not say."""
    return bool(getattr(tracker, "knows_structure", False))
