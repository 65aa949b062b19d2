"""A stage in a thread of the test, with real links and a real OSC receiver."""

from __future__ import annotations

import json
import select
import socket
import threading
from collections.abc import Sequence
from typing import Any

from livedance import config as configs
from livedance import osc_codec, stage
from livedance import show as shows
from livedance.broadcast import osc_values, wire
from livedance.link import StageLink
from livedance.messages import ClockState, Command, Controls, MotionWindow


class Life:
    """Goes on until the test says otherwise."""

    def __init__(self, board: shows.Board) -> None:
        self.board, self.over = board, False

    def goes_on(self) -> bool:
        return not self.over


class Standby:
    """Makes no dance; its clock is what the test says."""

    def __init__(self, seed: int, options: Any = None) -> None:
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
