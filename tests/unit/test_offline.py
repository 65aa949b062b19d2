"""What the director decides, in `render`: who is shown, and the state that pictures and recordings have."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from livedance import config as configs
from livedance import offline, replayer
from livedance.director import SOURCE, Director
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, Command, Hop
from livedance.offline import OfflineFrame
from tests.unit.beat.beat_sounds import four_on_the_floor

render = importlib.import_module("livedance.cli.render")
CONFIG = configs.check({"dance": {"generator": "idle"}})
HOP_S = HOP_SAMPLES / HOP_RATE_HZ
SECONDS, FPS = 8.0, 20.0
AT_HOP, SHOWN_FROM = 300, 12.0
"""3.5 s into the music; dance beats, about six seconds."""


@pytest.fixture(autouse=True)
def director_decides_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def step(director, clock, features, controls, **said):
        args = {"dancers": 3, "formation": "unison", "camera": "wide"}
        is_due = round(features.t_s / HOP_S) == AT_HOP
        return (Command(op="set", args=args, value=SHOWN_FROM, source=SOURCE) if is_due else None), director

    monkeypatch.setattr(Director, "step", step)


def hops() -> Iterator[Hop]:
    sound = four_on_the_floor(120.0, SECONDS)
    for i in range(len(sound) // HOP_SAMPLES):
        yield Hop(index=i, t_s=(i + 1) * HOP_S, samples=sound[i * HOP_SAMPLES : (i + 1) * HOP_SAMPLES])


def dancers_by_beat(frames: list[OfflineFrame]) -> tuple[set[int], set[int]]:
    """Return the numbers of dancers shown before the beat that was decided, and from there on."""
    counts = [(frame.pose.dance_position, len(frame.pose.origin)) for frame in frames]
    return {n for beat, n in counts if beat < SHOWN_FROM}, {n for beat, n in counts if beat >= SHOWN_FROM}


def test_others_are_shown_from_the_beat_that_was_decided() -> None:
    frames = list(offline.frames(CONFIG, 1, hops(), SECONDS, FPS))
    assert dancers_by_beat(frames) == ({1}, {3})
    assert all((frame.state is not None) == (frame.pose.t_s >= AT_HOP * HOP_S) for frame in frames)
    assert frames[-1].state is not None and frames[-1].state["camera"] == "wide"


def test_a_recording_of_a_render_shows_the_same(tmp_path: Path) -> None:
    out = tmp_path / "dance.ldrec"
    messages, keep = render.recording(CONFIG)
    frames = offline.frames(CONFIG, 1, hops(), SECONDS, FPS, keep)
    render.write(out, frames, config=CONFIG, seed=1, fps=FPS, audio=None, size=(64, 48), records=messages)
    again = list(replayer.frames(out, FPS))
    assert dancers_by_beat(again) == ({1}, {3})
    assert again[-1].state is not None and again[-1].state["camera"] == "wide"


def test_a_live_stage_and_a_render_agree_on_the_state() -> None:
    show = offline.states.first_state(CONFIG)
    for step in offline.steps(CONFIG, 1, hops()):
        if step.directed is not None:
            offline.states.direct(show, step.directed)
    frames = list(offline.frames(CONFIG, 1, hops(), SECONDS, FPS))
    assert frames[-1].state == show.to_json() and step.controls == show.controls
