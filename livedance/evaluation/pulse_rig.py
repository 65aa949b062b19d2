"""A sound card for measurements: a private PulseAudio server with a null sink, a DJ, and a reference listener.

The reference listener is another program (`parec`) on the same monitor that livedance hears. Nothing arrives before it
was heard, so the earliest arrivals of its samples give the machine time at which each sample was in the room.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from livedance.errors import ConfigError
from livedance.evaluation.show_process import BenchError

RATE_HZ: Final = 44_100
SINK: Final = "live"
MICROPHONE: Final = "ld_mic"
AROUND_S: Final = 2.0
"""Arrivals within this time of a sample decide when it was heard."""
PATTERN_WITHIN_S: Final = 1
SEARCH_S: Final = 5
"""A file is found by a stretch of its first second within the first seconds of the recording."""
SAME_SOUND: Final = 0.9
FIRST: Final = ("nice", "-n", "-10")
"""The rig goes first where the system lets it (root), as a sound card would; elsewhere `nice` only says that it cannot
and goes on."""
_START_S: Final = 15.0


class RigError(BenchError):
    """The rig itself failed (it lost sound), so that a measurement is worth nothing and should be repeated."""


class PulseRig:
    """Use as a context: the server lives inside it, and `env` points programs to it."""

    def __init__(self) -> None:
        missing = [name for name in ("pulseaudio", "pactl", "paplay", "parec") if not shutil.which(name)]
        if missing:
            raise ConfigError(f"this bench needs {', '.join(missing)}: apt-get install pulseaudio pulseaudio-utils")
        self._folder = Path(tempfile.mkdtemp(prefix="ld-rig-"))
        self._folder.chmod(0o700)
        self._own = {
            "XDG_RUNTIME_DIR": str(self._folder),
            "PULSE_SERVER": f"unix:{self._folder}/pulse/native",
            "PULSE_STATE_PATH": str(self._folder / "state"),
        }
        self._server: subprocess.Popen[bytes] | None = None
        self._player: subprocess.Popen[bytes] | None = None
        self.listener = ReferenceListener()
        self._saved: dict[str, str | None] = {}

    @property
    def env(self) -> dict[str, str]:
        """Environment of a program that hears this rig as its default microphone."""
        return {**os.environ, **self._own}

    def __enter__(self) -> PulseRig:
        words = [*FIRST, "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
        quiet = subprocess.DEVNULL
        self._server = subprocess.Popen(
            [*words, "-L", "module-native-protocol-unix"], env=self.env, stdout=quiet, stderr=quiet
        )
        end = time.monotonic() + _START_S
        while not self._pactl("info"):
            if time.monotonic() > end:
                raise RigError("the private PulseAudio server did not start")
            time.sleep(0.05)
        self._pactl("load-module", "module-null-sink", f"sink_name={SINK}", f"rate={RATE_HZ}", "channels=2")
        self._pactl("load-module", "module-remap-source", f"master={SINK}.monitor", f"source_name={MICROPHONE}")
        self._pactl("set-default-sink", SINK)
        self._pactl("set-default-source", MICROPHONE)
        self._saved = {name: os.environ.get(name) for name in self._own}
        os.environ.update(self._own)
        self.listener.start(f"{SINK}.monitor", self.env)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_playing()
        self.listener.stop()
        if self._server is not None:
            _end(self._server)
        for name, value in self._saved.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        shutil.rmtree(self._folder, ignore_errors=True)

    def play(self, path: Path) -> float:
        """Play a sound file in the background; return the machine time at which that was asked for."""
        asked_s = time.monotonic()
        words = [*FIRST, "paplay", f"--device={SINK}", "--latency-msec=300", str(path)]
        self._player = subprocess.Popen(words, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return asked_s

    def stop_playing(self) -> None:
        """Silence."""
        if self._player is not None:
            _end(self._player)
            self._player = None

    def _pactl(self, *words: str) -> bool:
        done = subprocess.run(["pactl", *words], env=self.env, capture_output=True, timeout=10, check=False)
        return done.returncode == 0


class ReferenceListener:
    """Records the monitor with the arrival time of every chunk. Its own thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._chunks: list[tuple[float, bytes]] = []

    def start(self, source: str, env: dict[str, str]) -> None:
        """Begin to record."""
        words = [*FIRST, "parec", f"--device={source}", "--format=s16le", f"--rate={RATE_HZ}", "--channels=1"]
        self._process = subprocess.Popen(
            [*words, "--latency-msec=5", "--raw"], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        self._thread = threading.Thread(target=self._run, args=(self._process.stdout,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the recording."""
        if self._process is not None:
            _end(self._process)
        if self._thread is not None:
            self._thread.join(2.0)

    def heard_s(
        self, asked_s: float, samples: NDArray[np.float32], times_s: NDArray[np.floating]
    ) -> NDArray[np.floating]:
        """Return when the moments `times_s` of a file, played after `asked_s`, were heard.

        The file is found in the recording by correlation. Raises `RigError` when nothing was heard or the recording
        differs from the file (the rig lost sound).
        """
        chunks = list(self._chunks)
        counts = np.cumsum([len(data) // 2 for _, data in chunks])
        stamps = np.array([stamp for stamp, _ in chunks])
        recorded = np.frombuffer(b"".join(data for _, data in chunks), np.int16)
        begin = int(counts[np.searchsorted(stamps, asked_s) - 1])
        if not recorded[begin:].any():
            raise RigError("the rig heard nothing of what it played")
        first = begin + find(samples, recorded[begin : begin + SEARCH_S * RATE_HZ].astype(np.float64) / 32_768)
        self._check_same(recorded, samples, first)
        return earliest(stamps, counts, first + np.round(times_s * RATE_HZ))

    def _check_same(self, recorded: NDArray[np.int16], samples: NDArray[np.float32], first: int) -> None:
        """Compare stretches all along the recording with the file, sample by sample."""
        heard = recorded[max(0, first) :].astype(np.float64) / 32_768
        for start in range(0, min(len(heard), len(samples)) - 2_048, RATE_HZ):
            window = slice(start, start + 2_048)
            if np.abs(heard[window] - samples[window]).max() > 0.02:
                raise RigError(
                    f"the rig lost sound {start / RATE_HZ:.0f} s into the track; run again when less is running"
                )

    def _run(self, pipe: IO[bytes]) -> None:
        file = pipe.fileno()
        while data := os.read(file, 65_536):
            self._chunks.append((time.monotonic(), data))


def find(samples: NDArray[np.float32], recorded: NDArray[np.floating]) -> int:
    """Return the index in `recorded` at which sample 0 of `samples` lies: best match of a loud stretch."""
    start = int(np.argmax(np.abs(samples[: PATTERN_WITHIN_S * RATE_HZ])))
    pattern = samples[start : start + 8_192].astype(np.float64)
    size = 1 << (len(recorded) + len(pattern)).bit_length()
    product = np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(pattern, size))
    match = np.fft.irfft(product, size)[: len(recorded)]
    first = int(np.flatnonzero(match >= SAME_SOUND * match.max())[0])  # a click track repeats itself
    return first + int(np.argmax(match[first : first + 441])) - start


def earliest(
    stamps_s: NDArray[np.floating], counts: NDArray[np.integer], indices: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Return when each sample was heard: `counts[k]` samples had arrived by `stamps_s[k]`, none of them early.

    The least lateness within `AROUND_S` counts, so that the card's clock may run at its own rate.
    """
    lateness = stamps_s - counts / RATE_HZ
    at = np.searchsorted(counts, indices)
    ahead = np.searchsorted(stamps_s, stamps_s[at.clip(0, len(counts) - 1)] + AROUND_S)
    behind = np.searchsorted(stamps_s, stamps_s[at.clip(0, len(counts) - 1)] - AROUND_S)
    least = np.array([lateness[b : max(a, b + 1)].min() for a, b in zip(ahead, behind, strict=True)])
    heard: NDArray[np.floating] = indices / RATE_HZ + least
    return heard


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(3)
