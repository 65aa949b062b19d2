from __future__ import annotations

import numpy as np
import pytest

from livedance.audio.play import QUEUE_S, Player, Queue, stretch
from livedance.audio.source import SourceInfo

INFO = SourceInfo(name="x", host_api="file", sample_rate_hz=44_100, n_channels=2, latency_s=0.0)


def run(ppm: float, seconds: float) -> tuple[Queue, list[int]]:
    """Write blocks of 256 at 44,100 Hz, pull blocks of 512 by a card that is `ppm` fast; return queue lengths."""
    queue = Queue(1, 44_100)
    out = np.zeros((512, 1), np.float32)
    lengths = []
    pulled = written = 0.0
    while written < seconds:
        queue.write(np.zeros((256, 1), np.float32))
        written += 256 / 44_100
        while pulled < written - 512 / 44_100:
            queue.pull(out)
            pulled += 512 / 44_100 / (1 + ppm * 1e-6)
        lengths.append(queue._n)
    return queue, lengths


@pytest.mark.parametrize("ppm", [-300.0, 0.0, 300.0])
def test_the_delay_stays_what_was_promised(ppm: float) -> None:
    queue, lengths = run(ppm, 120.0)
    late_s = np.convolve(lengths[-2000:], np.ones(400) / 400, "valid") / 44_100
    assert np.all(np.abs(late_s - late_s.mean()) < 0.004)
    assert abs(late_s.mean() - QUEUE_S) < 0.02
    assert queue.n_underflows == 0


def test_an_empty_queue_gives_silence_and_starts_again_with_its_delay() -> None:
    queue = Queue(2, 44_100)
    out = np.ones((512, 2), np.float32)
    queue.pull(out)
    assert not out.any()
    assert queue.n_underflows == 0
    queue.write(np.ones((256, 2), np.float32))
    n_zeros = 0
    while not out.any():
        queue.pull(out)
        n_zeros += int((out[:, 0] == 0).sum())
    assert n_zeros >= QUEUE_S * 44_100 - 512


def test_a_card_that_stands_still_does_not_fill_memory() -> None:
    queue = Queue(1, 44_100)
    for _ in range(10_000):
        queue.write(np.zeros((256, 1), np.float32))
        assert queue._n < 44_100


def test_a_card_that_stumbles_gets_its_delay_back_within_a_second() -> None:
    queue, _ = run(0.0, 5.0)
    for _ in range(30):
        queue.write(np.zeros((256, 1), np.float32))  # 170 ms that the card did not take
    out = np.zeros((256, 1), np.float32)
    for _ in range(172):
        queue.write(np.zeros((256, 1), np.float32))
        queue.pull(out)
    assert abs(queue._n / 44_100 - QUEUE_S) < 0.02


def test_a_card_that_holds_back_more_leaves_less_waiting_here() -> None:
    queue = Queue(1, 44_100)
    queue.promise_s = 0.2
    out = np.zeros((256, 1), np.float32)
    for age_s in (0.02, 0.12):
        for _ in range(2_000):
            queue.write(np.zeros((256, 1), np.float32))
            queue.pull(out, age_s)
        assert abs(queue._n / 44_100 + age_s - 0.2) < 0.02


def test_stretching_keeps_ends_and_shape() -> None:
    ramp = np.stack([np.linspace(0, 1, 256), np.linspace(1, -1, 256)], axis=1).astype(np.float32)
    for n_more in (-1, 1):
        longer = stretch(ramp, n_more)
        assert longer.shape == (256 + n_more, 2)
        assert np.allclose(longer[[0, -1]], ramp[[0, -1]])
        assert np.all(np.diff(longer[:, 0]) > 0)


@pytest.mark.parametrize("wanted", ["off", "browser"])
def test_without_a_sound_card_by_wish(wanted: str) -> None:
    player = Player(wanted)
    assert player.open(INFO) == 0.0
    assert player.mode == wanted
    player.close()
