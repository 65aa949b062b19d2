from __future__ import annotations

import pytest

from livedance.audio.device import OUTPUT, Device, choose, first_microphone, first_monitor
from livedance.errors import AudioError


def device(name: str, host_api: str = "ALSA", **more: object) -> Device:
    return Device(name=name, host_api=host_api, n_channels=2, sample_rate_hz=44_100, index=0, **more)  # type: ignore[arg-type]


MIC = device("USB Microphone", "Windows WASAPI")
MIC_MME = device("USB Microphone", "MME")
LINE = device("Scarlett 4i4 Line In", "Windows WASAPI")
SPEAKERS = device("Speakers [Loopback]", "Windows WASAPI", is_monitor=True)
ALL = [MIC_MME, MIC, LINE, SPEAKERS]


def test_an_exact_name_takes_the_best_host_api() -> None:
    assert choose(ALL, "usb microphone") is MIC


def test_the_host_api_can_be_named() -> None:
    assert choose(ALL, "MME: USB Microphone") is MIC_MME
    assert choose(ALL, "USB Microphone (MME)") is MIC_MME


def test_part_of_a_name_is_enough_when_it_means_one() -> None:
    assert choose(ALL, "scarlett") is LINE
    assert choose(ALL, "microphone") is MIC


def test_an_exact_name_wins_over_a_longer_one() -> None:
    short, long = device("Mic"), device("Mic 2")
    assert choose([long, short], "Mic") is short


def test_several_meanings_are_listed() -> None:
    with pytest.raises(AudioError, match=r"means several audio input devices: .*'USB Microphone'.*'Scarlett"):
        choose(ALL, "i")


def test_an_unknown_device_lists_the_near_names_and_takes_none() -> None:
    with pytest.raises(AudioError, match=r"there is no audio input device 'USB Mikrofon'; the nearest are 'USB Micro"):
        choose(ALL, "USB Mikrofon")
    with pytest.raises(AudioError, match="input device 'x'; this machine has none: use --audio demo"):
        choose([], "x")
    with pytest.raises(AudioError, match="output device 'x'; this machine has none: use --play browser or off"):
        choose([], "x", kind=OUTPUT)
    with pytest.raises(AudioError):
        choose(ALL, "  ")


def test_a_pulse_source_answers_to_name_and_description() -> None:
    source = device(
        "alsa_input.usb-1", "PulseAudio", pulse_name="alsa_input.usb-1", description="Scarlett Analog Stereo"
    )
    assert choose([source], "scarlett analog") is source
    assert choose([source], "alsa_input.usb-1") is source


def test_the_first_microphone_is_the_default_one_and_never_a_monitor_or_a_route() -> None:
    monitor = device("live.monitor", "PulseAudio", is_monitor=True, is_default=True)
    route = device("default", "ALSA", is_route=True, is_default=True)
    a, b = device("a", "PulseAudio"), device("b", "PulseAudio", is_default=True)
    assert first_microphone([route, monitor, a, b]) is b
    assert first_microphone([route, monitor, a]) is a
    with pytest.raises(AudioError, match="there is no microphone"):
        first_microphone([route, monitor])


def test_loopback_is_the_default_outputs_monitor() -> None:
    a = device("a.monitor", "PulseAudio", is_monitor=True)
    b = device("b.monitor", "PulseAudio", is_monitor=True, is_default=True)
    assert first_monitor([MIC, a, b]) is b
    assert first_monitor(ALL) is SPEAKERS
    with pytest.raises(AudioError, match="BlackHole"):
        first_monitor([MIC])
