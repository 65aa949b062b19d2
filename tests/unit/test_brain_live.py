"""The brain's process: what it says of audio that comes too late."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from livedance import state as states
from livedance.audio.source import SourceHealth
from livedance.brain_live import HOP_S, LiveBrain
from livedance.broadcast import wire
from livedance.clock import TimeMap
from livedance.messages import ClockState, Controls


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


def test_where_the_show_is_counts_once_however_late_it_comes_and_again_only_when_overtaken() -> None:
    live = brain(SourceHealth.OK, now_s=1.0)
    live._is_new = True
    live._windows = ["made before anybody answered"]  # type: ignore[list-item]
    resumed: list[float] = []
    live._brain = SimpleNamespace(resume=lambda last: resumed.append(last.clock.beat_position))  # type: ignore[assignment]
    live._stream = SimpleNamespace(in_stream_time=lambda clock: clock)  # type: ignore[assignment]

    def told(beat: float, *, overtaken: bool) -> None:
        clock = wire.encode_clock(ClockState(t_s=1.0, beat_position=beat))
        tree = {
            "type": "resume", "overtaken": overtaken, "has_clock": True, "next_plan": 7, "n_windows": 0,
            "controls": states.controls_to_json(Controls()),
        }  # fmt: skip
        live._link.recv = lambda: [json.dumps(tree).encode(), clock]  # type: ignore[attr-defined,method-assign]
        live._read_link()

    told(40.0, overtaken=False)
    told(41.0, overtaken=False)  # a new stage, which remembers less than this brain knows
    told(42.0, overtaken=True)
    assert resumed == [40.0, 42.0]
