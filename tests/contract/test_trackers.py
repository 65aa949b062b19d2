"""What every tracker in the registry promises: causal, block-size invariant, deterministic, finite, never back."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from livedance import registry
from livedance.audio.features import FeatureExtractor
from livedance.cli.beats import Listener
from livedance.errors import MissingExtra
from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES, BeatEstimate, Hop

BPM = 124.0


def kicks_and_hats(seconds: float, seed: int = 0) -> F32:
    """A groove with a little noise: kick on the beat, hat on the off-beat."""
    rng = np.random.default_rng(seed)
    audio = rng.standard_normal(int(seconds * HOP_RATE_HZ)).astype(np.float32) * np.float32(0.002)
    t = np.arange(6_000) / HOP_RATE_HZ
    kick = np.sin(2 * np.pi * (50 * t + 4 * (1 - np.exp(-t * 30)))) * np.exp(-t * 18)
    hat = rng.standard_normal(6_000) * np.exp(-t * 60) * 0.2
    for i, at_s in enumerate(np.arange(0.25, seconds - 0.2, 30.0 / BPM)):
        start = round(at_s * HOP_RATE_HZ)
        audio[start : start + 6_000] += (0.7 * kick if i % 2 == 0 else hat).astype(np.float32)
    return audio


GARBAGE = {
    "silence": np.zeros(3 * HOP_RATE_HZ, np.float32),
    "dc": np.full(3 * HOP_RATE_HZ, 0.7, np.float32),
    "clipping": np.sign(np.random.default_rng(1).standard_normal(3 * HOP_RATE_HZ)).astype(np.float32),
    "noise": (0.1 * np.random.default_rng(2).standard_normal(3 * HOP_RATE_HZ)).astype(np.float32),
    "denormal": np.full(2 * HOP_RATE_HZ, 1e-40, np.float32),
    "nan": np.full(HOP_RATE_HZ, np.nan, np.float32),
    "infinite": np.full(HOP_RATE_HZ, np.inf, np.float32),
    "one bad second": np.concatenate(
        [kicks_and_hats(3.0), np.full(HOP_RATE_HZ, np.nan, np.float32), kicks_and_hats(3.0)]
    ),
    "music, then nothing, then music": np.concatenate(
        [kicks_and_hats(4.0), np.zeros(4 * HOP_RATE_HZ, np.float32), kicks_and_hats(4.0)]
    ),
}


@pytest.fixture(params=registry.names("tracker"))
def name(request: pytest.FixtureRequest) -> str:
    try:
        registry.build("tracker", request.param)
    except MissingExtra as error:
        pytest.skip(str(error))
    return str(request.param)


def run(name: str, audio: F32) -> list[BeatEstimate]:
    tracker, extractor = registry.build("tracker", name), FeatureExtractor()
    state, heard, estimates = tracker.initial_state(), extractor.initial_state(), []
    clean = np.nan_to_num(audio, posinf=0.0, neginf=0.0)
    for i in range(len(audio) // HOP_SAMPLES):
        cut = slice(i * HOP_SAMPLES, (i + 1) * HOP_SAMPLES)
        t_s = (i + 1) * HOP_SAMPLES / HOP_RATE_HZ
        features, heard = extractor.step(heard, Hop(index=i, t_s=t_s, samples=clean[cut]))
        estimate, state = tracker.step(state, Hop(index=i, t_s=t_s, samples=audio[cut]), features)
        estimates.append(estimate)
    return estimates


def check_sane(estimates: list[BeatEstimate]) -> None:
    last = -math.inf
    for i, e in enumerate(estimates):
        assert e.index == i
        assert math.isfinite(e.tempo_bpm) and math.isfinite(e.onset_strength) and math.isfinite(e.build)
        assert 0.0 <= e.confidence <= 1.0
        assert 0.0 <= e.bar_phase < 1.0
        assert 0 <= e.phrase_bar < 8
        assert e.is_beat or not e.is_downbeat
        if e.beat_position is None:
            continue
        assert math.isfinite(e.beat_position) and e.beat_position >= last
        assert e.next_beat_s is not None and e.t_s < e.next_beat_s < e.t_s + 2.0
        last = e.beat_position


def test_state_its_latency(name: str) -> None:
    assert math.isfinite(registry.build("tracker", name).latency_s)


def test_music_is_locked_to_and_sane(name: str) -> None:
    estimates = run(name, kicks_and_hats(8.0))
    check_sane(estimates)
    assert estimates[-1].beat_position is not None
    assert estimates[-1].confidence > 0.5


def test_second_run_equals_the_first(name: str) -> None:
    audio = kicks_and_hats(6.0)
    assert run(name, audio) == run(name, audio)


def test_causal(name: str) -> None:
    same = kicks_and_hats(7.0)
    other = same.copy()
    split = 4 * HOP_RATE_HZ
    other[split:] = np.random.default_rng(9).standard_normal(len(other) - split).astype(np.float32)
    n = split // HOP_SAMPLES
    first, second = run(name, same), run(name, other)
    assert first[:n] == second[:n]
    assert first[n:] != second[n:]


@pytest.mark.parametrize("size", [64, 500, 4096])
def test_blocks_of_any_size_give_the_same_clock(name: str, size: int) -> None:
    audio = kicks_and_hats(6.0)
    at_hops, in_blocks = Listener(name), Listener(name)
    lines = {}
    for i in range(0, len(audio) - HOP_SAMPLES + 1, HOP_SAMPLES):
        line = at_hops.hear(audio[i : i + HOP_SAMPLES])
        lines[line["t_s"]] = {k: v for k, v in line.items() if not k.startswith("is_")}
    compared = 0
    for i in range(0, len(audio) - size + 1, size):
        line = in_blocks.hear(audio[i : i + size])
        if line["t_s"] in lines:
            compared += 1
            assert {k: v for k, v in line.items() if not k.startswith("is_")} == lines[line["t_s"]]
    assert compared >= 4


@pytest.mark.parametrize("sound", GARBAGE)
def test_garbage_gives_finite_answers(name: str, sound: str) -> None:
    estimates = run(name, GARBAGE[sound])
    check_sane(estimates)
    if sound in ("silence", "nan", "infinite", "denormal") or (sound == "dc" and name != "click"):
        assert all(e.confidence < 0.1 for e in estimates)


def test_lines_are_json(name: str) -> None:
    json.dumps(Listener(name).hear(np.zeros(700, np.float32)), allow_nan=False)
