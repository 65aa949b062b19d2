"""The whole chain on the beat: real audio in, poses over OSC and WebSocket out, a window's pixels.

A short run of `livedance bench sync` with generous bounds: a busy machine must not fail it, a broken clock must.
"""

from __future__ import annotations

import functools
import importlib.util
import shutil

import pytest

from livedance.evaluation import sync
from livedance.evaluation.pulse_rig import PulseRig

pytestmark = [
    pytest.mark.audio,
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(shutil.which(p) for p in ("pulseaudio", "paplay", "parec")), reason="PulseAudio is not installed"
    ),
    pytest.mark.skipif(importlib.util.find_spec("pyaudio") is None, reason="PyAudio is not installed"),
]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("window", [False, pytest.param(True, marks=pytest.mark.display)])
def test_every_output_is_on_the_beat_that_is_heard(window: bool) -> None:
    if window and not shutil.which("Xvfb"):
        pytest.skip("Xvfb is not installed")
    tracker = "click" if window else "aubio"
    (track,) = sync.click_tracks([120.0], 14.0, tracker)
    with PulseRig() as rig:
        rows = sync.again(functools.partial(sync.watch, rig, track, window=window))
    found = {row.output: row.found for row in rows}
    expected = {"OSC poses", "OSC beat/hit", "WebSocket poses"} | ({"window pixels"} if window else set())
    for output in expected:
        assert found[output].accents >= 12, output
        assert abs(found[output].circular_ms) < 60.0, output
        assert found[output].phase_r > 0.85, output
    assert found["chance"].phase_r < 0.5
