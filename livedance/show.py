"""One running show as its processes see it: a private folder with the plan, the board and the state."""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import secrets
import struct
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from livedance.clock import ShowClock
from livedance.config import LiveConfig
from livedance.link import new_address

ROLES: Final = ("stage", "herald", "brain", "window", "painter", "terminal")
"""Every process of a show but the supervisor, in the order in which they start."""

_SLOT: Final = struct.Struct("<d")
_STOP: Final = 0
_PAINTER: Final = 1
_BEATS: Final = 8
N_SLOTS: Final = 32


class Board:
    """A few numbers in shared memory: stop, wishes, a heartbeat per role. Any process; 8-byte stores only."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), N_SLOTS * _SLOT.size)

    @staticmethod
    def create(path: Path) -> None:
        """Write an empty board."""
        path.write_bytes(bytes(N_SLOTS * _SLOT.size))

    def _get(self, slot: int) -> float:
        (value,) = _SLOT.unpack_from(self._map, slot * _SLOT.size)
        return float(value)

    def _set(self, slot: int, value: float) -> None:
        _SLOT.pack_into(self._map, slot * _SLOT.size, value)

    @property
    def stop(self) -> bool:
        """True once the show is to end."""
        return self._get(_STOP) != 0.0

    def ask_stop(self) -> None:
        """End the show; recordings are closed."""
        self._set(_STOP, 1.0)

    @property
    def painter_wanted(self) -> bool:
        """True while somebody wants images."""
        return self._get(_PAINTER) != 0.0

    def want_painter(self, wanted: bool) -> None:
        """Say whether anybody wants images."""
        self._set(_PAINTER, float(wanted))

    def beat(self, role: str) -> None:
        """Say "I am alive" for `role`."""
        self._set(_BEATS + ROLES.index(role), time.monotonic())

    def last_beat_s(self, role: str) -> float:
        """Return the monotonic time of the last heartbeat, 0 before the first."""
        return self._get(_BEATS + ROLES.index(role))

    def clear_beat(self, role: str) -> None:
        """Forget the heartbeat (before a restart)."""
        self._set(_BEATS + ROLES.index(role), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """The plan of a show, the same for each of its processes and after each restart."""

    folder: Path
    start_s: float
    """Monotonic seconds of the machine at show time 0."""
    session: str
    secret: str
    token: str
    """What control over the network must present."""
    address: str
    seed: int
    supervisor_pid: int
    """Whose life the children depend on; taken here, since a child may start after its parent died."""
    config: LiveConfig

    @property
    def clock(self) -> ShowClock:
        """Show time."""
        return ShowClock(self.start_s)

    def board(self) -> Board:
        """Return the shared board."""
        return Board(self.folder / "board")

    def audio_name(self, name: str) -> str:
        """Return the last part of the address at which the page finds the sound `name`.

        Only clients that were let in are told the key before it: the address of a user's own file cannot be guessed
        from its name.
        """
        return f"{hashlib.sha256(self.secret.encode()).hexdigest()[:16]}-{name}"

    @property
    def state_path(self) -> Path:
        """Where the stage keeps what must survive its own death."""
        return self.folder / "state.json"


def create(config: LiveConfig, seed: int) -> Show:
    """Make the folder of a new show and return its plan."""
    folder = Path(tempfile.mkdtemp(prefix="livedance-"))
    show = Show(
        folder=folder,
        start_s=time.monotonic(),
        session=secrets.token_hex(8),
        secret=secrets.token_hex(16),
        token=config.web.token or secrets.token_urlsafe(12),
        address=new_address(folder),
        seed=seed,
        supervisor_pid=os.getpid(),
        config=config,
    )
    Board.create(folder / "board")
    plan = {
        "start_s": show.start_s,
        "session": show.session,
        "secret": show.secret,
        "token": show.token,
        "address": show.address,
        "seed": seed,
        "supervisor_pid": show.supervisor_pid,
        "config": config.model_dump(mode="json"),
    }
    path = folder / "show.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(plan), encoding="utf-8")
    return show


def load(folder: Path) -> Show:
    """Return the plan that `create` wrote."""
    plan = json.loads((folder / "show.json").read_text(encoding="utf-8"))
    config = LiveConfig.model_validate(plan.pop("config"))
    return Show(folder=folder, config=config, **plan)


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` whole or not at all."""
    temporary = path.with_suffix(path.suffix + ".new")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
