"""A private PulseAudio server with a null sink: real audio devices on a machine without a sound card."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SINK = "live"


def has_pulse() -> bool:
    """Return whether the programs are installed."""
    return all(shutil.which(p) for p in ("pulseaudio", "pactl", "paplay"))


class PulseServer:
    """One private server with its own runtime folder; stopped by its own process id only."""

    def __init__(self) -> None:
        self.runtime_dir = Path(tempfile.mkdtemp(prefix="ld-pulse-"))
        self.runtime_dir.chmod(0o700)
        self._process: subprocess.Popen[bytes] | None = None
        self._players: list[subprocess.Popen[bytes]] = []

    @property
    def env(self) -> dict[str, str]:
        """What a program needs in its environment to use this server."""
        return {
            "XDG_RUNTIME_DIR": str(self.runtime_dir),
            "PULSE_SERVER": f"unix:{self.runtime_dir}/pulse/native",
            "PULSE_STATE_PATH": str(self.runtime_dir / "state"),
        }

    @property
    def full_env(self) -> dict[str, str]:
        """The environment of this process with `env` on top."""
        return {**os.environ, **self.env}

    def start(self, *, with_sink: bool = True) -> None:
        """Start the server and wait until it answers."""
        self._process = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disallow-exit=no",
             "-L", "module-native-protocol-unix"],
            env=self.full_env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 15.0
        while self._run("info", check=False) is None:
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError("the private PulseAudio server did not start")
            time.sleep(0.05)
        if with_sink:
            self.load_sink(SINK)
            self.pactl("set-default-sink", SINK)
            self.pactl("set-default-source", f"{SINK}.monitor")

    def stop(self) -> None:
        """End the server and every player of it."""
        for player in self._players:
            if player.poll() is None:
                player.terminate()
                player.wait(5)
        self._players.clear()
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)
        self._process = None

    def kill(self) -> None:
        """End the server as a crash would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(5)
        self._process = None

    def pactl(self, *words: str) -> str:
        """Run one `pactl` command; raises when the server refuses it."""
        out = self._run(*words, check=True)
        assert out is not None
        return out

    def load_sink(self, name: str, *, rate: int = 44_100, channels: int = 2, options: str = "") -> int:
        """Load a null sink and return its module number."""
        extra = [options] if options else []
        return int(
            self.pactl(
                "load-module", "module-null-sink", f"sink_name={name}", f"rate={rate}", f"channels={channels}", *extra
            )
        )

    def load_microphone(self, name: str = "ld_mic", *, sink: str = SINK) -> int:
        """Load a source that hears `sink` but is no monitor: a microphone in front of the loudspeaker."""
        return int(self.pactl("load-module", "module-remap-source", f"master={sink}.monitor", f"source_name={name}"))

    def unload_sink(self, name: str) -> None:
        """Unplug: unload the null sink `name`."""
        for line in self.pactl("list", "short", "modules").splitlines():
            if "module-null-sink" in line and f"sink_name={name} " in line + " ":
                self.pactl("unload-module", line.split()[0])

    def play(self, path: str | Path, *, sink: str = SINK, options: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        """Play a sound file into `sink` in the background: the DJ. `options` go to paplay."""
        player = subprocess.Popen(
            ["paplay", f"--device={sink}", "--latency-msec=20", *options, str(path)],
            env=self.full_env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._players.append(player)
        return player

    def remove(self) -> None:
        """Stop, and delete the runtime folder."""
        self.stop()
        shutil.rmtree(self.runtime_dir, ignore_errors=True)

    def _run(self, *words: str, check: bool) -> str | None:
        done = subprocess.run(["pactl", *words], env=self.full_env, capture_output=True, text=True, timeout=10)
        if done.returncode != 0:
            if check:
                raise RuntimeError(f"pactl {' '.join(words)}: {done.stderr.strip()}")
            return None
        return done.stdout


@contextmanager
def pulse_server(*, with_sink: bool = True) -> Iterator[PulseServer]:
    """Run a private server; its environment is also set in this process, for PortAudio in here."""
    server = PulseServer()
    before = {k: os.environ.get(k) for k in server.env}
    try:
        server.start(with_sink=with_sink)
        os.environ.update(server.env)
        yield server
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
        server.remove()
