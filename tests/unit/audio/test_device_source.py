from __future__ import annotations

import time

import numpy as np
import pytest

from livedance.audio import device_source
from livedance.audio.device import Device
from livedance.audio.device_source import DeviceSource, pulse_environment
from livedance.audio.portaudio import Port
from livedance.audio.source import SourceHealth
from livedance.errors import AudioError

PORTS = [
    Port(index=0, name="USB Audio", host_api="ALSA", n_inputs=2, n_outputs=0, sample_rate_hz=48_000),
    Port(
        index=1, name="Webcam", host_api="ALSA", n_inputs=1, n_outputs=0, sample_rate_hz=44_100, is_default_input=True
    ),
]


class ScriptedSource(DeviceSource):
    """A device source whose library is this class."""

    backend = "scripted"
    fault: Exception | None = None
    active = True
    stopped = 0
    started: Device | None = None

    def _start_library(self) -> list[Port]:
        return PORTS

    def _start_stream(self, device: Device) -> float:
        if self.fault is not None:
            raise self.fault
        self.started = device
        return 0.011

    def _is_active(self) -> bool:
        return self.active

    def _stop_library(self) -> None:
        self.stopped += 1


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livedance.audio.pulse.server", lambda: None)


def block(n: int = 480, value: float = 0.5) -> np.ndarray:
    return np.full((n, 2), value, np.float32)


def test_opens_the_named_device_with_all_its_channels() -> None:
    source = ScriptedSource(device="usb")
    source.open()
    assert (source.info.name, source.info.n_channels, source.info.sample_rate_hz) == ("USB Audio", 2, 48_000)
    assert source.info.latency_s == 0.011
    assert source.health() is SourceHealth.OPENING


def test_unnamed_is_the_default_microphone() -> None:
    source = ScriptedSource()
    source.open()
    assert source.info.name == "Webcam"


def test_blocks_carry_stream_time_and_stamps() -> None:
    source = ScriptedSource(device="usb")
    source.open()
    for _ in range(3):
        source._deliver(block(), 0.0, overflowed=False)
    blocks = [source.read(0.1) for _ in range(3)]
    assert [b.t_s for b in blocks if b] == [0.0, 0.01, 0.02]
    assert [b.index for b in blocks if b] == [0, 1, 2]
    assert all(b is not None and abs(time.monotonic() - b.device_t_s) < 1.0 for b in blocks)
    assert source.health() is SourceHealth.OK
    assert source.read(0.0) is None


def test_an_overflow_counts_what_was_lost_into_stream_time() -> None:
    source = ScriptedSource(device="usb")
    source.open()
    source._deliver(block(), 0.0, overflowed=False)
    time.sleep(0.06)
    source._deliver(block(), 0.0, overflowed=True)
    first, second = source.read(0.1), source.read(0.1)
    assert first is not None
    assert second is not None
    assert 0.04 * 48_000 < second.lost_samples < 0.5 * 48_000
    assert second.t_s == pytest.approx((480 + second.lost_samples) / 48_000)


def test_a_channel_that_is_not_there_leaves_nothing_open() -> None:
    source = ScriptedSource(device="usb", channels=(3,))
    with pytest.raises(AudioError, match="'USB Audio' has 2 channels"):
        source.open()
    assert source.started is None
    assert source.stopped == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (OSError(-9985, "Device unavailable"), r"'USB Audio \(ALSA\)' cannot be opened \(.*Device unavailable\)"),
        (PermissionError(13, "Permission denied"), r"the system denies access to 'USB Audio \(ALSA\)': allow"),
    ],
)
def test_a_device_that_does_not_open_is_one_sentence(fault: Exception, words: str) -> None:
    source = ScriptedSource(device="usb")
    source.fault = fault
    with pytest.raises(AudioError, match=words) as caught:
        source.open()
    assert "\n" not in str(caught.value)
    assert source.stopped == 1


def test_a_stream_that_ends_by_itself_is_lost() -> None:
    source = ScriptedSource(device="usb")
    source.open()
    source._deliver(block(), 0.0, overflowed=False)
    source.active = False
    assert source.health() is not SourceHealth.LOST  # its last block is still to be read
    source.read(0.1)
    assert source.health() is SourceHealth.LOST


def test_a_paused_loopback_is_heard_as_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    source = ScriptedSource(device="usb")
    source.open()
    monkeypatch.setattr(ScriptedSource, "may_pause", True)
    source._deliver(block(), 0.0, overflowed=False)
    assert source.read(0.1) is not None
    time.sleep(0.3)
    source.read(0.0)
    silence = source.read(0.0)
    assert silence is not None
    assert not silence.samples.any()
    assert 0.1 * 48_000 < len(silence.samples) < 0.5 * 48_000
    assert source.health() is not SourceHealth.LOST


def test_the_environment_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_SOURCE", "before")
    with pulse_environment("PULSE_SOURCE", "now"):
        assert device_source.os.environ["PULSE_SOURCE"] == "now"
    assert device_source.os.environ["PULSE_SOURCE"] == "before"
    monkeypatch.delenv("PULSE_SOURCE")
    with pulse_environment("PULSE_SOURCE", "now"):
        pass
    assert "PULSE_SOURCE" not in device_source.os.environ
