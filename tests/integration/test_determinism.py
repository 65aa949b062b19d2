"""Same seed, audio and controls: byte-equal score, at any block size, live from a file or in `render`."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from livedance import config, offline
from livedance.broadcast import ldrec, wire
from livedance.paths import ASSETS
from livedance.replayer import state_of
from livedance.state import controls_to_json
from tests.integration.running_show import running

SECONDS = 8
TRACK = ASSETS / "music" / "own_techno_132.ogg"


@pytest.fixture(scope="module")
def track(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("audio") / "techno.wav"
    samples, rate = soundfile.read(TRACK, frames=SECONDS * 44_100)
    soundfile.write(path, samples, rate)
    return path


def score(track: Path, block_samples: int, seed: int = 7) -> list[bytes]:
    steps = offline.steps(config.LiveConfig(), seed, offline.hear(track, block_samples=block_samples))
    out = []
    for step in steps:
        out.append(wire.encode_clock(step.clock))
        out += [wire.encode_window(window) for window in step.windows]
    return out


@pytest.fixture(scope="module")
def reference(track) -> list[bytes]:
    return score(track, 512)


@pytest.mark.parametrize("block_samples", [64, 1_000, 4_096])
def test_block_size_does_not_matter(track, reference, block_samples):
    assert shared(score(track, block_samples), reference)


def test_second_run_equals_the_first_and_another_seed_does_not(track, reference):
    assert score(track, 512) == reference
    assert score(track, 512, seed=8) != reference


@pytest.fixture(scope="module")
def live(track, tmp_path_factory) -> Path:
    """Return the recording of a live show of the track."""
    path = tmp_path_factory.mktemp("live") / "live.ldrec"
    args = ("--audio", str(track), "--play", "off", "--web", "off", "--osc", "off", "--seed", "7")
    with running(*args, "--record", str(path), "--duration", str(SECONDS + 2)) as show:
        assert show.process.wait(40) == 0
    return path


def test_live_recording_has_the_windows_of_the_render(track, live):
    shown = [r.data[16:] for r in ldrec.read(live) if r.data[:1] == bytes([wire.LAYOUTS["Window"].code])]
    offline_score = [m[16:] for m in score(track, 512) if m[:1] == bytes([wire.LAYOUTS["Window"].code])]
    assert len(offline_score) > 10
    assert shared(shown, offline_score), "the live dance differs from the render"


def test_the_director_decides_live_as_in_the_render(track, live):
    states = [state for r in ldrec.read(live) if r.is_text and (state := state_of(r.json())) is not None]
    steps = offline.steps(config.LiveConfig(), 7, offline.hear(track))
    rendered = [controls_to_json(step.controls) for step in steps]
    assert distinct(states) == distinct([{"controls": controls} for controls in rendered])
    assert states[-1]["controls"]["auto_style"]


def distinct(states: list[dict]) -> list[dict]:
    """Return the controls that followed each other, without what only a live show changes."""
    shown = [{k: v for k, v in state["controls"].items() if k != "version"} for state in states]
    return [now for before, now in zip([None, *shown], shown, strict=False) if now != before]


def shared(a: list[bytes], b: list[bytes]) -> bool:
    """Whether both agree as far as both go, and that is nearly all of it (only the padded ends differ)."""
    n = min(len(a), len(b))
    return n >= 0.9 * max(len(a), len(b)) - 4 and a[:n] == b[:n]


def test_steps_carry_finite_numbers(track):
    for step in offline.steps(config.LiveConfig(), 1, offline.hear(track)):
        for window in step.windows:
            assert np.isfinite(window.joint_rotations_wxyz).all() and np.isfinite(window.root_position_m).all()
