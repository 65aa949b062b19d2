"""Which tracker listens when the network is damaged."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from livedance import registry
from livedance.audio.features import FeatureExtractor
from livedance.beat.choice import WithSections, choose_tracker, knows_structure
from livedance.beat.click_tracker import ClickTracker
from livedance.beat.own_tracker import LivedanceTracker
from livedance.beat.section import SectionRule
from livedance.errors import ConfigError, MissingExtra, ModelError
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, Hop


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
    assert isinstance(tracker, WithSections)
    assert isinstance(tracker.tracker, ClickTracker)
    assert warning == ""


def test_aubio_stands_in_for_a_damaged_network_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stand = Stand()
    registry_with(monkeypatch, livedance=ModelError("the beat network is damaged"), aubio=stand)
    with caplog.at_level(logging.WARNING):
        tracker, warning = choose_tracker("livedance")
    assert isinstance(tracker, WithSections)
    assert tracker.tracker is stand
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


def test_a_tracker_that_knows_its_sections_is_taken_as_it_is() -> None:
    tracker, _ = choose_tracker("livedance")
    assert isinstance(tracker, LivedanceTracker)


def test_sections_are_the_rules_where_the_tracker_knows_none() -> None:
    bare, rule, extract = ClickTracker(), SectionRule(), FeatureExtractor()
    tracker = WithSections(bare)
    state, tracked, ruled, heard = (x.initial_state() for x in (tracker, bare, rule, extract))
    rng = np.random.default_rng(1)
    found = []
    for index in range(400):
        loud = 0.3 if index < 200 else 0.02
        samples = (loud * rng.standard_normal(HOP_SAMPLES)).astype(np.float32)
        hop = Hop(index=index, t_s=(index + 1) * HOP_SAMPLES / HOP_RATE_HZ, samples=samples)
        features, heard = extract.step(heard, hop)
        estimate, state = tracker.step(state, hop, features)
        expected, tracked = bare.step(tracked, hop, features)
        section, build, ruled = rule.step(ruled, features, expected)
        assert estimate == replace(expected, section=section, build=build)
        found.append(section)
    assert len(set(found)) > 1


def test_who_knows_structure() -> None:
    assert LivedanceTracker.knows_structure
    assert not knows_structure(ClickTracker())
    assert not knows_structure(object())  # type: ignore[arg-type]
