from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from livedance.audio import choice, devices
from livedance.audio.choice import check, is_played, open_source
from livedance.audio.device import Device
from livedance.audio.portaudio import MISSING_PORTAUDIO
from livedance.config import AudioConfig
from livedance.errors import AudioError, FileError

MIC = Device(name="Mic", host_api="ALSA", n_channels=1, sample_rate_hz=44_100, index=0)
DJ = Device(name="DJ Mixer", host_api="ALSA", n_channels=8, sample_rate_hz=48_000, index=1)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Record what would be opened."""
    found: list[dict[str, Any]] = []

    class Recorder:
        def open(self) -> None:
            """Nothing to do."""

    def build(kind: str, name: str, options: dict[str, Any]) -> Recorder:
        found.append({"name": name, **options})
        return Recorder()

    monkeypatch.setattr(choice, "list_inputs", lambda backend: [MIC, DJ])
    monkeypatch.setattr(choice.registry, "build", build)
    return found


def test_a_device_is_pinned_to_name_and_host_api(built: list[dict[str, Any]]) -> None:
    opened = open_source(AudioConfig(device="mixer", channels=[3, 4], backend="sounddevice"))
    assert built[0] == {
        "name": "sounddevice",
        "device": "ALSA: DJ Mixer",
        "channels": (3, 4),
        "loopback": False,
        "block_samples": 1_024,
    }
    assert opened.make_again is not None
    opened.make_again()
    assert built[1] == built[0]


def test_auto_is_the_microphone_and_the_demo_without_one(
    built: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert open_source(AudioConfig()).make_again is not None
    assert built[-1]["device"] == "ALSA: Mic"
    monkeypatch.setattr(choice, "list_inputs", lambda backend: [])
    opened = open_source(AudioConfig())
    assert built[-1]["name"] == "demo"
    assert opened.make_again is None
    assert "no microphone" in opened.note


def test_a_missing_portaudio_still_plays_the_demo_and_names_the_package(
    built: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(backend: str) -> list[Device]:
        raise AudioError(MISSING_PORTAUDIO)

    monkeypatch.setattr(choice, "list_inputs", missing)
    assert "libportaudio2" in open_source(AudioConfig()).note
    assert built[-1]["name"] == "demo"
    with pytest.raises(AudioError, match="libportaudio2"):
        open_source(AudioConfig(source="mic"))


@pytest.mark.parametrize("config", [{"device": "nothing"}, {"source": "mic", "channels": [9]}, {"source": "loopback"}])
def test_what_was_asked_for_is_never_replaced(built: list[dict[str, Any]], config: dict[str, Any]) -> None:
    with pytest.raises(AudioError):
        open_source(AudioConfig(**config))
    with pytest.raises(AudioError):
        check(AudioConfig(**config))
    assert built == []


def test_files(tmp_path: Path) -> None:
    assert is_played(AudioConfig(source="demo"))
    assert is_played(AudioConfig(source="x.wav"))
    assert not is_played(AudioConfig(source="mic"))
    with pytest.raises(FileError):
        check(AudioConfig(source=str(tmp_path / "x.wav")))
    check(AudioConfig(source="demo"))


def test_importing_audio_loads_no_sound_library() -> None:
    code = (
        "import sys, livedance.audio.capture, livedance.audio.features, livedance.audio.devices;"
        "print([m for m in ('sounddevice', 'pyaudio', 'soundfile', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_findings_never_raise_and_name_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(backend: str) -> list[Device]:
        raise AudioError(MISSING_PORTAUDIO)

    monkeypatch.setattr(devices, "list_ports", missing)
    (finding,) = devices.probe_audio()
    assert (finding.what, finding.state) == ("audio", "fault")
    assert "libportaudio2" in finding.detail
    monkeypatch.setattr(devices, "list_ports", lambda backend: [])
    assert {f.what: f.state for f in devices.probe_audio()}["inputs"] == "note"
