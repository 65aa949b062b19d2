"""The brain's process: what it says of audio that comes too late."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from livedance.audio.source import SourceHealth
from livedance.brain_live import HOP_S, LiveBrain
from livedance.clock import TimeMap


class Link:
    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []

    def send_json(self, message: dict[str, Any]) -> None:
        self.said.append(json.loads(json.dumps(message)))


def brain(health: SourceHealth, now_s: float) -> LiveBrain:
    """Return a brain at hop 0 that heard nothing since show time 0."""
    live = LiveBrain.__new__(LiveBrain)
    live._map, live._link = TimeMap(rigid=True), Link()  # type: ignore[assignment]
    live._map.seed(0.0, 1.0)
    live._now = lambda: now_s
    live._capture = SimpleNamespace(health=health)  # type: ignore[assignment]
    live._hop_index, live._n_stood_in, live._fair_s, live._hops = 0, 0, 0.0, None

    def step(samples: Any, *, heard: bool) -> None:
        assert not heard and not samples.any()
        live._hop_index += 1

    live._step = step  # type: ignore[method-assign,assignment]
    return live


@pytest.mark.parametrize("health", [SourceHealth.OK, SourceHealth.LOST])
def test_hops_without_their_audio_are_recorded_while_the_device_is_there(health: SourceHealth) -> None:
    live = brain(health, now_s=1.0)
    live._go_on_without()
    assert live._hop_index > 40 and live._n_stood_in == live._hop_index
    told = [{"type": "applied", "op": "miss", "hop": 0, "hops": live._hop_index}]
    assert live._link.said == (told if health is SourceHealth.OK else [])  # type: ignore[attr-defined]


def test_audio_in_time_is_no_miss() -> None:
    live = brain(SourceHealth.OK, now_s=5 * HOP_S)
    live._go_on_without()
    assert live._hop_index == 0 and live._link.said == []  # type: ignore[attr-defined]
