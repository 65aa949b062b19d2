"""Which tracker listens when the network is damaged."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from livedance import registry
from livedance.beat.choice import choose_tracker, knows_structure
from livedance.beat.click_tracker import ClickTracker
from livedance.errors import ConfigError, MissingExtra, ModelError


class Stand:
    latency_s = 0.0
    knows_structure = False


def registry_with(monkeypatch: pytest.MonkeyPatch, **outcomes: Any) -> None:
    def build(kind: str, name: str, options: object = None) -> Any:
        outcome = outcomes[name]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(registry, "build", build)


def test_the_one_that_was_asked_for() -> None:
    tracker, warning = choose_tracker("click")
    assert isinstance(tracker, ClickTracker)
    assert warning == ""


def test_aubio_stands_in_for_a_damaged_network_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stand = Stand()
    registry_with(monkeypatch, livedance=ModelError("the beat network is damaged"), aubio=stand)
    with caplog.at_level(logging.WARNING):
        tracker, warning = choose_tracker("livedance")
    assert tracker is stand
    assert warning == "the beat network is damaged: the aubio tracker stands in"
    assert warning in caplog.text


def test_without_aubio_the_damage_is_an_error_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = MissingExtra("the aubio tracker", "aubio")
    registry_with(monkeypatch, livedance=ModelError("the beat network is damaged"), aubio=missing)
    with pytest.raises(ModelError, match=r"damaged; nor can the aubio tracker .*livedance\[aubio\]") as caught:
        choose_tracker("livedance")
    assert caught.value.exit_code == 4


def test_another_trackers_error_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    registry_with(monkeypatch, other=ModelError("no weights"), aubio=Stand())
    with pytest.raises(ModelError, match="no weights"):
        choose_tracker("other")
    monkeypatch.undo()
    with pytest.raises(ConfigError, match="there is no tracker"):
        choose_tracker("nobody")


def test_who_knows_structure() -> None:
    from livedance.beat.own_tracker import LivedanceTracker

    assert LivedanceTracker.knows_structure
    assert not knows_structure(ClickTracker())
    assert not knows_structure(object())  # type: ignore[arg-type]
