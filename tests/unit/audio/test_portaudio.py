from __future__ import annotations

import os
import threading

import pytest

from livedance.audio import portaudio, pulse
from livedance.audio.portaudio import Port, quiet_stderr, to_devices, to_outputs
from livedance.errors import AudioError


def port(index: int, name: str, host_api: str = "ALSA", n_inputs: int = 2, n_outputs: int = 0, **more: bool) -> Port:
    return Port(
        index=index, name=name, host_api=host_api, n_inputs=n_inputs, n_outputs=n_outputs, sample_rate_hz=44_100, **more
    )


def node(name: str, monitor_of: str | None = None) -> pulse.PulseNode:
    return pulse.PulseNode(
        index=0, name=name, description="", n_channels=4, sample_rate_hz=48_000, monitor_of=monitor_of, channel_map=""
    )


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    server = pulse.PulseServer(host_api="PulseAudio", default_source="mic", default_sink="out")
    monkeypatch.setattr(portaudio.sys, "platform", "linux")
    monkeypatch.setattr(pulse, "server", lambda: server)
    monkeypatch.setattr(pulse, "sources", lambda: [node("out.monitor", "out"), node("mic")])
    monkeypatch.setattr(pulse, "sinks", lambda: [node("out")])


def test_sources_of_the_sound_server_come_by_name_through_its_one_port(linux: None) -> None:
    devices = to_devices([port(0, "hw:0"), port(3, "pulse", n_inputs=32)])
    assert [(d.name, d.index, d.pulse_name) for d in devices[:2]] == [
        ("out.monitor", 3, "out.monitor"),
        ("mic", 3, "mic"),
    ]
    assert (devices[0].is_monitor, devices[1].is_monitor) == (True, False)
    assert devices[0].is_default
    assert devices[1].is_default
    assert (devices[1].n_channels, devices[1].sample_rate_hz) == (4, 48_000)
    route = next(d for d in devices if d.name == "pulse")
    assert route.is_route
    assert route.n_channels == 2
    assert to_outputs([port(3, "pulse", n_inputs=0, n_outputs=32)])[0].pulse_name == "out"


def test_without_the_port_only_portaudios_own_devices(linux: None) -> None:
    assert [d.name for d in to_devices([port(0, "hw:0"), port(1, "speakers", n_inputs=0)])] == ["hw:0"]


def test_loopbacks_of_other_systems_are_monitors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portaudio.sys, "platform", "win32")
    ports = [port(0, "Speakers [Loopback]", "Windows WASAPI", is_loopback=True), port(1, "BlackHole 2ch", "Core Audio")]
    assert [d.is_monitor for d in to_devices(ports)] == [True, True]


@pytest.mark.parametrize(("name", "virtual"), [("default", True), ("surround51:CARD=0", True), ("hw:1,0", False)])
def test_routes_are_told_from_devices(name: str, virtual: bool) -> None:
    assert portaudio.is_virtual(port(0, name)) is virtual
    assert not portaudio.is_virtual(port(0, name, "Core Audio"))


def test_stderr_is_quiet_and_comes_back(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_stderr():
        os.write(2, b"chatter")
    os.write(2, b"after")
    assert capfd.readouterr().err == "after"
    with pytest.raises(KeyError), quiet_stderr():
        raise KeyError
    os.write(2, b"again")
    assert capfd.readouterr().err == "again"


def test_a_call_that_never_ends_is_left_behind_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portaudio, "HANG_S", 0.05)
    monkeypatch.setattr(portaudio, "_hangs", threading.Event())
    portaudio.in_time(lambda: None)
    assert not portaudio.hangs()
    release = threading.Event()
    portaudio.in_time(release.wait)  # type: ignore[arg-type]
    assert portaudio.hangs()
    with pytest.raises(AudioError, match="does not answer"), quiet_stderr():
        pass
    called = []
    portaudio.in_time(lambda: called.append(1))
    assert called == []
    release.set()
