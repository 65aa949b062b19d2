from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from livedance.audio import capture as module
from livedance.audio.capture import Capture
from livedance.audio.choice import OpenSource
from livedance.audio.source import SourceHealth, SourceInfo
from livedance.config import AudioConfig
from livedance.errors import AudioError, FileError
from livedance.messages import AudioBlock

sys.path.insert(0, str(Path(__file__).parent))
from tests.unit.audio.sounds import write_tone


class FakeDevice:
    """A device that delivers until it is told to be lost."""

    def __init__(self) -> None:
        self.info = SourceInfo(name="Fake", host_api="Test", sample_rate_hz=44_100, n_channels=2, latency_s=0.01)
        self.state = SourceHealth.OK
        self.closed = threading.Event()
        self._index = 0

    def open(self) -> None:
        """Nothing to do."""

    def read(self, timeout_s: float) -> AudioBlock | None:
        time.sleep(0.002)
        if self.state is not SourceHealth.OK:
            return None
        self._index += 1
        samples = np.full((256, 2), 0.5, np.float32)
        return AudioBlock(
            index=self._index - 1, t_s=(self._index - 1) * 256 / 44_100, sample_rate_hz=44_100, samples=samples
        )

    def health(self) -> SourceHealth:
        return self.state

    def close(self) -> None:
        self.closed.set()


def wait(so: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.005)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_RETRY_S", 0.02)
    monkeypatch.setattr(module, "LONGEST_RETRY_S", 0.05)


def test_a_lost_device_is_closed_tried_again_and_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = FakeDevice(), FakeDevice()
    tries = []

    def again() -> FakeDevice:
        tries.append(time.monotonic())
        if len(tries) < 4:
            raise AudioError("there is no audio input device 'Fake'")
        return second

    monkeypatch.setattr(module, "open_source", lambda _: OpenSource(first, again))
    capture = Capture(AudioConfig(source="mic"))
    capture.start()
    wait(lambda: capture.take(0.1) is not None)
    assert capture.status()["channels"][0][0] == pytest.approx(-6.0, abs=0.1)
    first.state = SourceHealth.LOST
    wait(lambda: capture.health is SourceHealth.LOST)
    wait(lambda: first.closed.is_set())
    wait(lambda: len(tries) >= 2)
    assert "Fake is not there" in capture.status()["message"]
    assert capture.levels == ()
    while capture.take(0.0) is not None:
        pass
    wait(lambda: capture.health is SourceHealth.OK)
    block = capture.take(1.0)
    assert block is not None
    assert block.index == 0
    assert capture.n_reopened == 1
    capture.close()
    assert second.closed.is_set()


def test_a_device_that_opens_but_stays_dumb_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    dumb, good = FakeDevice(), FakeDevice()
    dumb.state = SourceHealth.LOST
    first = FakeDevice()
    first.state = SourceHealth.LOST
    queue = [dumb, good]
    monkeypatch.setattr(module, "open_source", lambda _: OpenSource(first, lambda: queue.pop(0)))
    capture = Capture(AudioConfig(source="mic"))
    capture.start()
    wait(lambda: capture.health is SourceHealth.OK)
    assert dumb.closed.is_set()
    capture.close()


def test_a_slow_brain_loses_the_oldest_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "open_source", lambda _: OpenSource(FakeDevice(), FakeDevice))
    capture = Capture(AudioConfig(source="mic"))
    capture.start()
    wait(lambda: capture.lost_samples > 0, 20.0)
    block = capture.take(0.1)
    assert block is not None
    assert block.lost_samples > 0
    capture.close()


def test_close_is_quick_while_it_waits_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> FakeDevice:
        raise AudioError("gone")

    device = FakeDevice()
    device.state = SourceHealth.LOST
    monkeypatch.setattr(module, "open_source", lambda _: OpenSource(device, never))
    monkeypatch.setattr(module, "FIRST_RETRY_S", 60.0)
    capture = Capture(AudioConfig(source="mic"))
    capture.start()
    wait(lambda: capture.health is SourceHealth.LOST)
    start = time.monotonic()
    capture.close()
    assert time.monotonic() - start < 1.0


def test_a_file_is_handed_on_whole_and_ends(tmp_path: Path) -> None:
    capture = Capture(AudioConfig(source=str(write_tone(tmp_path / "a.wav", seconds=0.4)), play="off"))
    assert capture.is_file
    capture.start()
    samples = []
    wait(lambda: _collect(capture, samples) or capture.health is SourceHealth.ENDED)
    _collect(capture, samples)
    assert sum(len(b.samples) for b in samples) == int(0.4 * 44_100)
    status = capture.status()
    assert (status["health"], status["title"], status["play"]) == ("ended", "a", "off")
    assert (status["url"], status["t0_stream_s"]) == ("/audio/a.wav", 0.0)
    assert capture.heard_after_s == 0.0
    capture.close()
    capture.close()


def _collect(capture: Capture, into: list[AudioBlock]) -> bool:
    while (block := capture.take(0.0)) is not None:
        into.append(block)
    return False


def test_a_file_that_is_not_there_starts_nothing(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(FileError, match="there is no audio file"):
        Capture(AudioConfig(source=str(tmp_path / "none.wav"))).start()
    assert threading.active_count() == before
