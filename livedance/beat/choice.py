"""Which tracker listens: the one that was asked for, or aubio where our own network cannot be used."""

from __future__ import annotations

import logging
from typing import Final, NamedTuple

from livedance import registry
from livedance.beat.tracker import BeatTracker
from livedance.errors import MissingExtra, ModelError

LOG = logging.getLogger(__name__)
OWN: Final = "livedance"
STAND_IN: Final = "aubio"


class ChosenTracker(NamedTuple):
    """A tracker and what is to be said about it."""

    tracker: BeatTracker
    warning: str
    """One sentence when it is not the one that was asked for, else empty."""


def choose_tracker(name: str) -> ChosenTracker:
    """Return the tracker `name`; aubio, with a warning that is also logged, when the network of our own is damaged.

    Raises `ConfigError` for an unknown name, `MissingExtra` when its package is missing, `ModelError` when neither our
    network nor aubio can be used.
    """
    try:
        return ChosenTracker(registry.build("tracker", name), "")
    except ModelError as damage:
        if name != OWN:
            raise
        try:
            tracker: BeatTracker = registry.build("tracker", STAND_IN)
        except MissingExtra as missing:
            raise ModelError(f"{damage}; nor can the aubio tracker stand in: {missing}") from damage
        warning = f"{damage}: the aubio tracker stands in"
        LOG.warning("%s", warning)
        return ChosenTracker(tracker, warning)


def knows_structure(tracker: BeatTracker) -> bool:
    """Return whether section, build and phrase of its estimates are its own; false for trackers that do not say."""
    return bool(getattr(tracker, "knows_structure", False))
