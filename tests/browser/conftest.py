"""A show without processes: a real server, the committed page, motion that swings on the beat, a real browser."""

from __future__ import annotations

import threading
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livedance import rotations
from livedance.broadcast import wire
from livedance.broadcast.websocket import ServerOptions, WebSocketServer
from livedance.messages import ClockState, Levels, LockState, MotionWindow
from livedance.skeleton import INDEX, rest_pose
from tests.browser import chromium

TOKEN = "browser-token"
BEATS_PER_S = 2.0
AHEAD_BEATS = 3.0


class SmallShow:
    """Sends clock and windows like a stage would; both arms swing once a beat."""

    def __init__(self, server: WebSocketServer) -> None:
        self.server = server
        self.commands: list[tuple[str, dict[str, Any]]] = []
        self.state: dict[str, Any] = {"session": "browser", "blackout": False, "palette": 0}
        self._end = threading.Event()
        self._quiet = threading.Event()
        self._plan = 0
        server.on_control = lambda op, args, client: self.commands.append((op, args))

    def start(self) -> None:
        self.server.start()
        self.set_state()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def set_state(self, **changes: Any) -> None:
        self.state |= changes
        self.server.set_state(self.state)

    def fall_silent(self) -> None:
        """Send no clock and no windows any more."""
        self._quiet.set()

    def stop(self) -> None:
        self._end.set()
        self._thread.join(5)
        self.server.stop()

    def _run(self) -> None:
        while not self._end.is_set():
            if not self._quiet.is_set():
                self._send()
            self._end.wait(0.1)

    def _send(self) -> None:
        now_s = self.server.now()
        position = now_s * BEATS_PER_S
        clock = ClockState(
            t_s=now_s, beat_position=position, beats_per_s=BEATS_PER_S, confidence=1.0, state=LockState.LOCKED
        )
        self.server.publish(wire.encode_clock(clock))
        self.server.publish(wire.encode_levels(Levels(energy=0.7, bass=0.5), t_s=now_s))
        while self._plan - 0.5 < position + AHEAD_BEATS:
            self.server.publish(wire.encode_window(swing(self._plan - 0.5, self._plan), t_s=now_s))
            self._plan += 1


def swing(beat: float, plan: int) -> MotionWindow:
    beats = beat + np.arange(32) / 16
    root, rest = rest_pose()
    turned = np.tile(rest, (32, 1, 1))
    up = 0.5 - 1.6 * (0.5 + 0.5 * np.cos(2 * np.pi * beats))
    for side, sign in (("l", 1.0), ("r", -1.0)):
        vectors = np.stack([0 * up, 0 * up, sign * up], axis=-1)
        turned[:, INDEX[f"{side}_shoulder"]] = rotations.from_rotvec(vectors)
    return MotionWindow(
        beat_start=beat,
        root_position_m=np.tile(root, (32, 1)),
        joint_rotations_wxyz=turned,
        foot_contact=np.ones((32, 4)),
        hands=np.zeros((32, 2), np.uint8),
        plan=plan,
    )


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds of noise, longer than one piece of an answer."""
    path = tmp_path_factory.mktemp("sound") / "a track.wav"
    noise = np.random.default_rng(1).normal(0.0, 2_000.0, 12 * 48_000 * 2).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(noise.tobytes())
    return path


@pytest.fixture
def show(sound: Path) -> Iterator[SmallShow]:
    small = SmallShow(WebSocketServer(ServerOptions(port=0, token=TOKEN), audio={"a track.wav": sound}))
    small.start()
    yield small
    small.stop()


def started(folder: Path, **options: int) -> Iterator[chromium.Chromium]:
    """Yield a browser; skips where there is none (in the gate that fails: tests/conftest.py)."""
    if chromium.find() is None:
        pytest.skip("Chromium is not installed (apt install chromium)")
    with chromium.Chromium(folder, **options) as found:
        yield found


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Chromium]:
    yield from started(tmp_path_factory.mktemp("chromium"), width=640, height=360)


@pytest.fixture
def webgl_browser(one_webgl_browser: chromium.Chromium) -> Iterator[chromium.Chromium]:
    yield one_webgl_browser
    one_webgl_browser.close_tabs()


@pytest.fixture(scope="session")
def one_webgl_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Chromium]:
    yield from started(tmp_path_factory.mktemp("webgl"), width=480, height=270, webgl=True)
