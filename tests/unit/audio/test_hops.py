from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livedance.audio.hops import HopMaker, check_channels
from livedance.errors import AudioError
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, AudioBlock, Hop


def blocks(samples: np.ndarray, size: int, rate: int = HOP_RATE_HZ) -> list[AudioBlock]:
    return [
        AudioBlock(index=k, t_s=i / rate, sample_rate_hz=rate, samples=samples[i : i + size])
        for k, i in enumerate(range(0, len(samples), size))
    ]


def hops_of(maker: HopMaker, given_blocks: list[AudioBlock]) -> list[Hop]:
    return [hop for block in given_blocks for hop in maker.push(block)]


def noise(seconds: float, rate: int, n_channels: int = 2) -> np.ndarray:
    shape = (int(seconds * rate), n_channels)
    return np.random.default_rng(7).uniform(-0.9, 0.9, shape).astype(np.float32)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000, 22_050])
def test_hops_do_not_depend_on_the_block_size(rate: int) -> None:
    samples = noise(0.5, rate)
    runs = [
        hops_of(HopMaker(sample_rate_hz=rate, n_channels=2), blocks(samples, size, rate))
        for size in (4096, 64, 256, 333, 1)
    ]
    for run in runs[1:]:
        assert np.array_equal(
            np.stack([h.samples for h in runs[0]]), np.stack([h.samples for h in run[: len(runs[0])]])
        )
        assert [h.t_s for h in run[: len(runs[0])]] == [h.t_s for h in runs[0]]


def test_stream_time_is_the_end_of_the_hop() -> None:
    hops = hops_of(HopMaker(start_s=3.0), blocks(noise(0.1, HOP_RATE_HZ, 1), 100))
    assert [h.index for h in hops] == list(range(8))
    assert hops[2].t_s == 3.0 + 3 * HOP_SAMPLES / HOP_RATE_HZ


@pytest.mark.parametrize("rate", [48_000, 96_000, 32_000])
def test_resampling_keeps_a_click_at_its_time(rate: int) -> None:
    samples = np.zeros((rate, 1), np.float32)
    samples[rate // 2 : rate // 2 + 30] = 0.5
    hops = hops_of(HopMaker(sample_rate_hz=rate), blocks(samples, 256, rate))
    heard = np.concatenate([h.samples for h in hops])
    rises = int(np.argmax(np.abs(heard) > 0.25))
    assert abs(rises / HOP_RATE_HZ - 0.5) < 0.0005


def test_resampling_keeps_level_and_length() -> None:
    rate = 48_000
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(rate * 2) / rate).astype(np.float32)[:, None]
    heard = np.concatenate([h.samples for h in hops_of(HopMaker(sample_rate_hz=rate), blocks(tone, 256, rate))])
    assert abs(np.abs(heard[2000:]).max() - 0.5) < 0.01
    assert 0 <= 2 * HOP_RATE_HZ - len(heard) < HOP_SAMPLES + 0.02 * HOP_RATE_HZ


def test_picks_channels_by_their_number_on_the_device() -> None:
    samples = np.stack([np.full(1024, v, np.float32) for v in (0.1, 0.2, 0.3, 0.5)], axis=1)
    hops = hops_of(HopMaker(n_channels=4, channels=(3, 4)), blocks(samples, 256))
    assert np.allclose(hops[0].samples, 0.4)


def test_a_channel_that_is_not_there_names_the_devices_count() -> None:
    with pytest.raises(AudioError, match=r"channel 5 does not exist: 'Mixer' has 4 channels; choose from 1-4"):
        check_channels((3, 5), 4, "Mixer")
    with pytest.raises(AudioError, match="channel 0"):
        HopMaker(n_channels=2, channels=(0,))
    with pytest.raises(AudioError, match="has 1 channel;"):
        check_channels((2,), 1, "Mic")


def test_the_same_channel_twice_counts_once() -> None:
    assert check_channels((2, 2, 1), 2, "x") == (1, 0)


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_lost_samples_become_silence_and_are_counted(rate: int) -> None:
    samples = np.full((rate, 1), 0.5, np.float32)
    first, second = blocks(samples, rate // 2, rate)
    gap = AudioBlock(index=1, t_s=1.0, sample_rate_hz=rate, samples=second.samples, lost_samples=rate // 2)
    maker = HopMaker(sample_rate_hz=rate)
    hops = hops_of(maker, [first, gap])
    assert maker.lost_samples == rate // 2
    heard = np.concatenate([h.samples for h in hops])
    middle = heard[int(0.6 * HOP_RATE_HZ) : int(0.9 * HOP_RATE_HZ)]
    assert np.all(np.abs(middle) < 1e-6)
    assert abs(heard[int(1.2 * HOP_RATE_HZ)] - 0.5) < 1e-3
    flags = {round(h.t_s, 2): h.heard for h in hops}
    assert not any(v for t, v in flags.items() if 0.52 < t < 0.99)
    assert all(v for t, v in flags.items() if t < 0.49 or t > 1.02)


def test_an_empty_block_that_only_tells_of_a_loss() -> None:
    maker = HopMaker(n_channels=2)
    block = AudioBlock(index=0, t_s=0.1, sample_rate_hz=44_100, samples=np.zeros((0, 2)), lost_samples=5 * HOP_SAMPLES)
    hops = maker.push(block)
    assert len(hops) == 5
    assert not any(h.heard for h in hops)


def test_numbers_that_are_none_become_zero_and_are_counted() -> None:
    samples = np.full((HOP_SAMPLES, 2), 0.25, np.float32)
    samples[3, 0], samples[4, 1], samples[5, 0] = np.nan, np.inf, 1e20
    maker = HopMaker(n_channels=2)
    (hop,) = maker.push(AudioBlock(index=0, t_s=0.0, sample_rate_hz=44_100, samples=samples))
    assert maker.bad_samples == 3
    assert np.array_equal(hop.samples[2:7], np.array([0.25, 0, 0, 0, 0.25], np.float32))


def test_the_source_may_change_its_format() -> None:
    maker = HopMaker(sample_rate_hz=44_100, n_channels=2)
    n = len(hops_of(maker, blocks(noise(1.0, 44_100, 2), 256)))
    n += len(hops_of(maker, blocks(noise(1.0, 48_000, 1), 256, 48_000)))
    assert abs(n - 2 * HOP_RATE_HZ / HOP_SAMPLES) < 4


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(1, 3000), min_size=1, max_size=12), rate=st.sampled_from([44_100, 48_000]))
def test_any_cutting_gives_the_same_hops(cuts: list[int], rate: int) -> None:
    samples = noise(sum(cuts) / rate + 1e-9, rate, 1)[: sum(cuts)]
    whole = hops_of(HopMaker(sample_rate_hz=rate), blocks(samples, max(len(samples), 1), rate))
    edges = np.cumsum([0, *cuts])
    parts = [
        AudioBlock(index=i, t_s=a / rate, sample_rate_hz=rate, samples=samples[a:b])
        for i, (a, b) in enumerate(itertools.pairwise(edges))
    ]
    cut = hops_of(HopMaker(sample_rate_hz=rate), parts)
    assert len(cut) == len(whole)
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(cut, whole, strict=True))
