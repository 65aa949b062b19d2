"""The stage between its processes (played by the test) and a real OSC receiver."""

from __future__ import annotations

import json
import select
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from livedance import config as configs
from livedance import osc_codec, stage
from livedance import show as shows
from livedance.broadcast import osc_values, wire
from livedance.feed import Feed
from livedance.link import StageLink
from livedance.messages import ClockState, Command, Controls, LockState, MotionWindow, Source


def until(claim: Callable[[], Any], timeout_s: float = 10.0) -> Any:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if value := claim():
            return value
        time.sleep(0.005)
    raise AssertionError("it never came true")


class Life:
    """Goes on until the test says otherwise."""

    def __init__(self, board: shows.Board) -> None:
        self.board, self.over = board, False

    def goes_on(self) -> bool:
        return not self.over


class Standby:
    """Makes no dance; its clock is what the test says."""

    def __init__(self, seed: int, n_sources: int) -> None:
        self.active, self.ready = False, True
        self.clock: ClockState | None = None

    def start(self, clock: ClockState, windows: Sequence[MotionWindow], next_plan: int) -> None:
        self.active = True

    def stop(self) -> None:
        self.active = False

    def step(
        self, now_s: float, controls: Controls, commands: Sequence[Command]
    ) -> tuple[ClockState | None, list[MotionWindow]]:
        clock, self.clock = self.clock, None
        return (clock if self.active else None), []


class Running:
    """A stage in a thread, and the peers that the test plays."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self.osc = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.osc.bind(("127.0.0.1", 0))
        self.osc.settimeout(2.0)
        osc = {"profile": "default", "host": "127.0.0.1", "port": self.osc.getsockname()[1]}
        base = {"osc": [osc], "osc_in": {"enabled": False}}
        self.show = shows.create(configs.check(configs.merge(base, tree)), 1)
        self.life = Life(self.show.board())
        self.stage = stage.Stage(self.show, self.life)  # type: ignore[arg-type]
        self._links: dict[str, StageLink] = {}
        self._heard: dict[str, list[bytes]] = {}
        self._thread = threading.Thread(target=self.stage.run, daemon=True)
        self._thread.start()

    @property
    def standby(self) -> Standby:
        return self.stage._standby  # type: ignore[return-value]

    def peer(self, role: str) -> StageLink:
        if role not in self._links:
            self._links[role] = StageLink(self.show.address, self.show.secret, role)
            assert self._links[role].wait_connected(5.0)
        return self._links[role]

    def tell(self, role: str, **message: Any) -> None:
        self.peer(role).send_json(message)

    def leave(self, role: str) -> None:
        self._links.pop(role).close()

    def hear(self, role: str) -> list[bytes]:
        """Return everything that `role` has heard so far."""
        heard = self._heard.setdefault(role, [])
        heard.extend(self.peer(role).recv())
        return heard

    def state(self, role: str) -> dict[str, Any]:
        """Return the newest state that `role` has heard."""
        texts = (json.loads(m) for m in self.hear(role) if m[:1] == b"{")
        return ([m for m in texts if m["type"] == "state"] or [{}])[-1]

    def wire(self, role: str, kind: type) -> list[Any]:
        """Return the wire messages of a kind that `role` has heard."""
        return [m for m in map(wire.decode, (m for m in self.hear(role) if m[:1] != b"{")) if isinstance(m, kind)]

    def bits(self) -> int:
        """Return the state bits of the newest OSC frame, without that of a standby that took over meanwhile."""
        newest: int | None = None
        while newest is None or select.select([self.osc], [], [], 0.0)[0]:
            for message in osc_codec.decode(self.osc.recv(65_536)):
                if message.address == "/livedance/state":
                    newest = int(message.args[0])  # type: ignore[arg-type]
        return newest & ~osc_values.STATE_GPU_LATE

    def close(self) -> None:
        self.life.over = True
        self._thread.join(5.0)
        for link in self._links.values():
            link.close()
        self.osc.close()


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Running]]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(stage, "Standby", Standby)
    made: list[Running] = []

    def make(**tree: Any) -> Running:
        made.append(Running(tree))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_osc_says_what_state_the_show_is_in(running: Callable[..., Running]) -> None:
    show = running()
    assert show.bits() == osc_values.STATE_RUNNING
    show.tell("terminal", type="command", op="set", args={"freeze": True, "blackout": True})
    wanted = osc_values.STATE_RUNNING | osc_values.STATE_FROZEN | osc_values.STATE_BLACKOUT
    until(lambda: show.bits() == wanted)
    show.tell("brain", type="audio", audio={"health": "lost"}, message="")
    until(lambda: show.bits() == wanted | osc_values.STATE_AUDIO_LOST)


@pytest.mark.parametrize("role", ["window", "painter"])
def test_osc_says_when_a_screen_tames_flashes(running: Callable[..., Running], role: str) -> None:
    show = running()
    show.tell(role, type="report", stats={"flash": False})
    assert not show.bits() & osc_values.STATE_FLASH_LIMIT
    show.tell(role, type="report", stats={"flash": True})
    until(lambda: show.bits() & osc_values.STATE_FLASH_LIMIT)
    show.leave(role)
    until(lambda: not show.bits() & osc_values.STATE_FLASH_LIMIT)


def a_beat(index: int) -> bytes:
    return wire.encode_beat(
        t_s=0.0, bpm=120.0, confidence=1.0, index=index, in_bar=index % 4, meter=4, source=Source.AUDIO
    )


def test_beats_go_on_while_the_standby_dances(running: Callable[..., Running], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "FIRST_BRAIN_S", 0.5)
    show = running()
    show.peer("window")
    heard = ClockState(t_s=show.show.clock.now(), beat_position=7.1, beats_per_s=0.01, confidence=0.5)
    show.peer("brain").send(wire.encode_clock(heard, unix_s=0.0))
    show.peer("brain").send(a_beat(7))
    until(lambda: show.wire("window", wire.Beat))
    show.leave("brain")
    until(lambda: show.standby.active)
    clock = ClockState(
        t_s=show.show.clock.now(), beat_position=7.5, beats_per_s=10.0, bar_start_beat=4.0, confidence=0.5,
        state=LockState.FREE_WHEEL,
    )  # fmt: skip
    show.standby.clock = clock
    until(lambda: len(show.wire("window", wire.Beat)) > 4)
    # A brain that comes back speaks of beats that were told, until a window of it is accepted.
    show.peer("brain").send(a_beat(8))
    until(lambda: len(show.wire("window", wire.Beat)) > 7)
    told = show.wire("window", wire.Beat)
    indices = [beat.index for beat in told]
    assert indices == sorted(set(indices)) and indices[:2] == [7, 8]
    assert all(beat.t_s == pytest.approx(clock.time_at(beat.index)) for beat in told[1:])
    assert [beat.in_bar for beat in told] == [index % 4 for index in indices]


def test_full_screen_reaches_the_window_and_nobody_else(running: Callable[..., Running]) -> None:
    show = running()
    for role in ("brain", "herald"):
        show.peer(role)
    window = Feed(show.show, "window")
    until(lambda: window.update() or window.state)
    show.tell("terminal", type="command", op="fullscreen")
    show.tell("terminal", type="command", op="hit")
    until(lambda: any(b'"hit"' in message for message in show.hear("brain")))
    until(lambda: window.update() or window.take_acts() == ["fullscreen"])
    assert window.take_acts() == []
    assert not any(b"fullscreen" in message for role in ("brain", "herald") for message in show.hear(role))
    window.close()
