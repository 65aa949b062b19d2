"""Real audio: a private PulseAudio with a null sink, heard through PyAudio and sounddevice."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

sys.path.insert(0, str(Path(__file__).parent))
from livedance.audio.capture import Capture
from livedance.audio.choice import check
from livedance.audio.hops import HopMaker
from livedance.audio.source import SourceHealth
from livedance.config import AudioConfig
from livedance.errors import AudioError
from livedance.messages import AudioBlock
from tests.integration.pulse import PulseServer, has_pulse, pulse_server

pytestmark = [
    pytest.mark.audio,
    pytest.mark.timeout(60),
    pytest.mark.skipif(not has_pulse(), reason="PulseAudio is not installed"),
]
RATE = 44_100
EIGHT = "front-left,front-right,rear-left,rear-right,front-center,lfe,side-left,side-right"


@pytest.fixture
def server() -> Iterator[PulseServer]:
    with pulse_server() as running:
        yield running


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    t = np.arange(30 * RATE) / RATE
    stereo = np.stack([0.5 * np.sin(2 * np.pi * 441 * t), 0.25 * np.sin(2 * np.pi * 441 * t)], axis=1)
    soundfile.write(tmp_path / "tone.wav", stereo.astype(np.float32), RATE)
    return tmp_path / "tone.wav"


def hear(capture: Capture, seconds: float, until: Callable[[], bool] = lambda: False) -> list[AudioBlock]:
    """Take blocks for `seconds`, or until it is so."""
    blocks = []
    end = time.monotonic() + seconds
    while time.monotonic() < end and not until():
        block = capture.take(0.05)
        if block is not None:
            blocks.append(block)
    return blocks


def wait_for(capture: Capture, health: SourceHealth, seconds: float) -> float:
    """Return how long it took until the capture was in `health`; fails when it never was."""
    start = time.monotonic()
    hear(capture, seconds, lambda: capture.health is health)
    assert capture.health is health, f"{capture.health} after {seconds} s: {capture.status()}"
    return time.monotonic() - start


@pytest.mark.parametrize("backend", ["pyaudio", "sounddevice"])
def test_hears_level_channels_and_every_sample(server: PulseServer, tone: Path, backend: str) -> None:
    if backend == "pyaudio":
        pytest.importorskip("pyaudio")
    server.play(tone)
    capture = Capture(AudioConfig(source="loopback", backend=backend))
    capture.start()
    try:
        assert (capture.info.name, capture.info.host_api) == ("live.monitor", "PulseAudio")
        wait_for(capture, SourceHealth.OK, 5.0)
        hear(capture, 2.0)
        start = time.monotonic()
        blocks = hear(capture, 2.0)
        elapsed = time.monotonic() - start
        samples = np.concatenate([b.samples for b in blocks])
        assert np.abs(samples[:, 0]).max() == pytest.approx(0.5, abs=0.02)
        assert np.abs(samples[:, 1]).max() == pytest.approx(0.25, abs=0.02)
        assert len(samples) == pytest.approx(elapsed * RATE, abs=0.1 * RATE)
        assert sum(b.lost_samples for b in blocks) == 0
        assert [b.index for b in blocks] == list(range(blocks[0].index, blocks[0].index + len(blocks)))
        left, right = capture.levels
        assert (left.peak_db, right.peak_db) == (pytest.approx(-6.0, abs=0.5), pytest.approx(-12.0, abs=0.5))
        line = np.array([b.device_t_s - b.t_s for b in blocks])  # type: ignore[operator]
        assert np.percentile(line, 50) - np.percentile(line, 10) < 0.05
    finally:
        capture.close()


def test_unplugged_is_noticed_in_two_seconds_and_mended_by_name_only(server: PulseServer, tone: Path) -> None:
    server.load_sink("other")
    server.play(tone)
    server.play(tone, sink="other")
    capture = Capture(AudioConfig(device="live.monitor"))
    capture.start()
    try:
        wait_for(capture, SourceHealth.OK, 5.0)
        hear(capture, 1.0)
        server.unload_sink("live")
        assert wait_for(capture, SourceHealth.LOST, 3.0) < 2.0
        hear(capture, 0.3)
        assert hear(capture, 2.5) == [], "another device was heard in its place"
        assert "live.monitor" in capture.status()["message"]
        server.load_sink("live")
        server.play(tone)
        wait_for(capture, SourceHealth.OK, 12.0)
        blocks = hear(capture, 1.0)
        assert blocks[0].t_s < 1.0
        assert np.abs(np.concatenate([b.samples for b in blocks])).max() > 0.1
        assert capture.status()["reopened"] == 1
        assert capture.info.name == "live.monitor"
    finally:
        capture.close()


LISTEN = """
import os, sys
from livedance.audio.capture import Capture
from livedance.config import AudioConfig
capture = Capture(AudioConfig(device="live.monitor"))
try:
    capture.start()
except Exception:
    os._exit(3)
said = None
while not capture.is_stuck:
    block = capture.take(0.05)
    now = "heard" if block is not None and block.samples.any() else capture.health.value
    if now != said and now in ("heard", "lost"):
        print(now, flush=True)
        said = now
os._exit(70)
"""


def test_the_server_dies_and_comes_back(server: PulseServer, tone: Path) -> None:
    """A PortAudio that hangs over it ends its process, as the brain does, and the next one hears again."""

    def listener() -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "-c", LISTEN], stdout=subprocess.PIPE, text=True, env=server.full_env)

    def next_word(process: subprocess.Popen[str], seconds: float) -> str:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], seconds)
        return process.stdout.readline().strip() if ready else "nothing"

    server.play(tone)
    process = listener()
    try:
        assert next_word(process, 15.0) == "heard"
        server.kill()
        start = time.monotonic()
        assert next_word(process, 5.0) == "lost"
        assert time.monotonic() - start < 2.0
        time.sleep(1.0)
        server.start()
        server.play(tone)
        deadline = time.monotonic() + 40.0
        while (word := next_word(process, 20.0)) != "heard":
            assert time.monotonic() < deadline
            assert word in ("", "lost"), word  # an empty word is the end of the process
            if word == "":
                assert process.wait(5) in (70, 3)
                time.sleep(0.5)
                process = listener()
    finally:
        process.kill()
        process.wait(5)


def test_a_microphone_is_chosen_unasked_and_silence_is_told_from_loss(server: PulseServer) -> None:
    server.load_microphone("ld_mic")
    capture = Capture(AudioConfig(source="auto"))
    capture.start()
    try:
        assert capture.info.name == "ld_mic"
        assert not capture.is_file
        wait_for(capture, SourceHealth.SUSPECT, 9.0)
        assert "zeros" in capture.status()["message"]
    finally:
        capture.close()


def test_without_a_microphone_the_demo_plays_and_is_heard(server: PulseServer) -> None:
    capture = Capture(AudioConfig(source="auto"))
    capture.start()
    try:
        assert capture.is_file
        status = capture.status()
        assert "no microphone" in status["message"]
        assert (status["name"], status["play"]) == ("demo", "live")
        assert 0.05 < capture.heard_after_s < 0.5
        recorded = subprocess.run(
            ["timeout", "4", "parec", "--device=live.monitor", "--format=float32le", "--rate=44100", "--channels=2"],
            capture_output=True,
            env=server.full_env,
        ).stdout
        assert np.abs(np.frombuffer(recorded, np.float32)).max() > 0.1
    finally:
        capture.close()


RECORD = """
import json, sys, time
import numpy as np
from livedance.audio.pyaudio_source import PyAudioSource
source = PyAudioSource(device="live.monitor")
source.open()
end = time.monotonic() + float(sys.argv[1])
quiet_until = 0.0
while time.monotonic() < end:
    block = source.read(0.1)
    if block is None:
        continue
    loud = np.abs(block.samples[:, 0]) > 0.3
    at = block.device_t_s + int(np.argmax(loud)) / block.sample_rate_hz
    if loud.any() and at > quiet_until:
        quiet_until = at + 0.2
        print(json.dumps(at), flush=True)
source.close()
"""


def test_what_is_played_is_heard_when_the_capture_says(server: PulseServer, tmp_path: Path) -> None:
    pytest.importorskip("pyaudio")
    clicks = np.zeros(7 * RATE, np.float32)
    for i in range(1, 14):
        clicks[i * RATE // 2 : i * RATE // 2 + 20] = 0.9
    soundfile.write(tmp_path / "clicks.wav", clicks, RATE)
    listener = subprocess.Popen(
        [sys.executable, "-c", RECORD, "11"], stdout=subprocess.PIPE, text=True, env=server.full_env
    )
    time.sleep(2.5)
    capture = Capture(AudioConfig(source=str(tmp_path / "clicks.wav"), play="live"))
    capture.start()
    try:
        blocks = hear(capture, 9.0, lambda: capture.health is SourceHealth.ENDED and not capture.take(0.0))
    finally:
        capture.close()
    said = []
    for block in blocks:
        loud = np.abs(block.samples[:, 0]) > 0.3
        if loud.any() and (not said or block.t_s > 0.2 + said[-1][0]):
            at = block.device_t_s + int(np.argmax(loud)) / RATE + capture.heard_after_s  # type: ignore[operator]
            said.append((block.t_s, at))
    heard = np.array([json.loads(line) for line in listener.communicate(timeout=20)[0].splitlines()])
    assert len(said) == 13
    off = np.array([heard[np.argmin(np.abs(heard - at))] - at for _, at in said])
    assert abs(np.median(off)) < 0.040  # 1-15 ms on a quiet machine; uncompensated it is 250 ms
    assert np.percentile(np.abs(off - np.median(off)), 60) < 0.020


def test_picks_channels_of_a_big_interface(server: PulseServer, tmp_path: Path) -> None:
    server.load_sink("mixer", channels=8, options=f"channel_map={EIGHT}")
    t = np.arange(15 * RATE) / RATE
    eight = np.zeros((len(t), 8), np.float32)
    eight[:, 4], eight[:, 5] = 0.5 * np.sin(2 * np.pi * 441 * t), 0.25 * np.sin(2 * np.pi * 441 * t)
    soundfile.write(tmp_path / "eight.wav", eight, RATE, format="WAVEX", subtype="FLOAT")
    server.play(tmp_path / "eight.wav", sink="mixer", options=(f"--channel-map={EIGHT}",))
    capture = Capture(AudioConfig(device="mixer.monitor", channels=[5, 6]))
    capture.start()
    try:
        wait_for(capture, SourceHealth.OK, 5.0)
        hops = HopMaker(sample_rate_hz=RATE, n_channels=8, channels=(5, 6), name="mixer")
        blocks = hear(capture, 2.5)
        heard = np.concatenate([hop.samples for block in blocks for hop in hops.push(block)])
        assert blocks[0].samples.shape[1] == 8
        assert np.abs(heard).max() == pytest.approx(0.375, abs=0.02)
        assert [round(c.peak_db) for c in capture.levels] == [-120, -120, -120, -120, -6, -12, -120, -120]
    finally:
        capture.close()


def test_a_source_at_another_rate_is_opened_at_its_own(server: PulseServer, tone: Path) -> None:
    server.load_sink("studio", rate=48_000)
    server.play(tone, sink="studio")
    capture = Capture(AudioConfig(device="studio.monitor"))
    capture.start()
    try:
        assert capture.info.sample_rate_hz == 48_000
        wait_for(capture, SourceHealth.OK, 5.0)
        hops = HopMaker(sample_rate_hz=48_000, n_channels=2, channels=(1,))
        samples = np.concatenate([h.samples for b in hear(capture, 2.5) for h in hops.push(b)])
        spectrum = np.abs(np.fft.rfft(samples[-RATE:] * np.hanning(RATE)))
        assert abs(int(np.argmax(spectrum)) - 441) <= 4  # a wrong rate would be 405 or 480
    finally:
        capture.close()


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"device": "Scarlet"}, r"there is no audio input device 'Scarlet'; the nearest are '"),
        ({"device": "live.monitor", "channels": [7]}, r"channel 7 does not exist: 'live.monitor' has 2 channels"),
        ({"source": "mic"}, r"there is no microphone"),
    ],
)
def test_what_is_not_there_is_one_sentence_and_exit_3(
    server: PulseServer, config: dict[str, object], words: str
) -> None:
    for attempt in (lambda c: Capture(c).start(), check):
        with pytest.raises(AudioError, match=words) as caught:
            attempt(AudioConfig(**config))  # type: ignore[arg-type]
        assert caught.value.exit_code == 3
        assert "\n" not in str(caught.value)


def test_devices_command_lists_them_for_people_and_programs(server: PulseServer) -> None:
    server.load_microphone("ld_mic")
    command = [sys.executable, "-m", "livedance", "devices"]
    text = subprocess.run(command, capture_output=True, text=True, env=server.full_env, timeout=60)
    assert text.returncode == 0, text.stderr
    assert "ld_mic" in text.stdout
    tree = json.loads(
        subprocess.run([*command, "--json"], capture_output=True, text=True, env=server.full_env, timeout=60).stdout
    )
    use = {d["name"]: d["use"] for d in tree["inputs"]}
    assert (use["ld_mic"], use["live.monitor"]) == ("mic", "loopback")
    assert any(d["name"] == "live" for d in tree["outputs"])
