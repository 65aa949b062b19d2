"""The herald: takes the show from the stage and fans it out to browsers, so that a thousand sends never delay OSC.

One thread, one loop: the link to the stage and the server's sockets. Pose packets (for receivers that cannot play the
score) are made here, and only while somebody wants them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from livedance import registry
from livedance import show as shows
from livedance import state as states
from livedance.broadcast import text, wire
from livedance.broadcast.limits import Caps
from livedance.broadcast.websocket import ServerOptions, WebSocketServer
from livedance.config import WebConfig
from livedance.control import controls as control
from livedance.control.ops import VOCABULARY, Vocabulary
from livedance.control.osc_in import vocabulary_with
from livedance.dance.library import style_names
from livedance.dance.player import ScorePlayer
from livedance.errors import PortBusyError, WireError
from livedance.link import StageLink
from livedance.messages import PoseFrame
from livedance.paths import ASSETS
from livedance.process import Life

LOG = logging.getLogger(__name__)
TICK_S: Final = 0.02
REPORT_S: Final = 0.5
POSE_HZ: Final = 60.0
ADDRESS_FILE: Final = "web.json"
SOUND_SUFFIXES: Final = frozenset({".wav", ".flac", ".ogg", ".mp3", ".opus"})


class Herald:
    """Carries messages between one stage and many viewers. One thread: the loop that runs `run`."""

    def __init__(
        self, server: WebSocketServer, link: StageLink, life: Life, vocabulary: Vocabulary = VOCABULARY
    ) -> None:
        self._server, self._link, self._life = server, link, life
        self._vocabulary = vocabulary
        """Names that choices accept: those of the running show."""
        self._counts: dict[str, int] = {}
        self._player: ScorePlayer | None = None
        self._frozen: PoseFrame | None = None
        self._reader = -1
        self._reported_s = -1.0
        server.on_control = self._control
        server.on_clients = self._clients

    async def run(self) -> None:
        """Go on until the show ends."""
        poses = asyncio.create_task(self._send_poses())
        try:
            while self._life.goes_on():
                self._tend_link()
                self._report()
                await asyncio.sleep(TICK_S)
        finally:
            poses.cancel()
            self._link.close()

    def read(self) -> None:
        """Take everything the stage has sent."""
        for message in self._link.recv():
            if message[:1] == b"{":
                self._take_json(json.loads(message))
            else:
                self._server.publish(message)
                self._play(message)
        self._let_go()

    # --- the link ---------------------------------------------------------------------------------------------------

    def _tend_link(self) -> None:
        """Reconnect when needed, watch the new socket, send what waits."""
        self._link.keep()
        self._watch(self._link.fileno())
        self._link.flush()
        self.read()

    def _let_go(self) -> None:
        """Stop watching a link that has just closed, before its descriptor becomes somebody else's."""
        if not self._link.connected:
            self._watch(-1)

    def _say(self, message: dict[str, Any]) -> None:
        self._link.send_json(message)
        self._let_go()

    def _watch(self, descriptor: int) -> None:
        if descriptor == self._reader:
            return
        loop = asyncio.get_running_loop()
        # Windows' proactor loop cannot watch: there the tick reads.
        with contextlib.suppress(NotImplementedError):
            if self._reader >= 0:
                loop.remove_reader(self._reader)
            if descriptor >= 0:
                loop.add_reader(descriptor, self.read)
        self._reader = descriptor

    def _take_json(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "state":
                self._server.set_state(message)
                self._arrange(message)
            case "stats":
                self._server.set_stats({k: v for k, v in message.items() if k != "type"})
            case "presets":
                self._vocabulary = {**self._vocabulary, "preset": tuple(message["names"])}
                self._server.set_presets({k: v for k, v in message.items() if k != "type"})

    # --- to the stage -----------------------------------------------------------------------------------------------

    def _control(self, op: str, args: dict[str, Any], client: str) -> None:
        """Pass an act on; raises `ConfigError`, the answer to the client, where the stage would refuse it."""
        value = args.pop("value", None)
        message = {"type": "command", "op": op, "value": value, "args": args, "source": client}
        controls = self._server.snapshot()[2].get("controls", {})
        command = states.command_from_json(message, source=client)
        control.check(command, self._vocabulary, states.controls_from_json(controls))
        self._say(message)

    def _clients(self, counts: dict[str, int]) -> None:
        self._counts = counts
        self._reported_s = -1.0

    def _report(self) -> None:
        now_s = self._server.now()
        if 0.0 <= now_s - self._reported_s < REPORT_S:
            return
        self._reported_s = now_s
        health = self._server.health()
        stats = {"url": self._server.url, "image_clients": self._counts.get("image", 0), **health}
        self._say({"type": "report", "stats": stats})

    # --- pose packets -----------------------------------------------------------------------------------------------

    async def _send_poses(self) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            due_s = max(due_s + 1.0 / POSE_HZ, loop.time())
            await asyncio.sleep(due_s - loop.time())
            if not self._counts.get("pose"):
                self._player = self._frozen = None
                continue
            if self._player is None:
                self._start_player()
            assert self._player is not None
            self._server.publish(wire.encode_pose(self._pose(self._player)))

    def _pose(self, player: ScorePlayer) -> PoseFrame:
        """Return the pose of now and the delay of the web, held while the show is frozen."""
        state = self._server.snapshot()[2]
        delays = states.controls_from_json(state.get("controls", {}))
        player.delay_s = control.delay_of(delays, "web") / 1e3
        pose = player.pose_at(self._server.now() + player.delay_s)
        self._frozen = (self._frozen or pose) if state.get("freeze") else None
        return pose if self._frozen is None else replace(self._frozen, t_s=pose.t_s)

    def _start_player(self) -> None:
        """Begin to play with what a new viewer would get."""
        self._player = ScorePlayer()
        clock, windows, state = self._server.snapshot()
        for message in [*([clock] if clock else []), *windows]:
            self._play(message)
        self._arrange(state)

    def _play(self, message: bytes) -> None:
        if self._player is None:
            return
        with contextlib.suppress(WireError):
            for decoded in wire.decode_all(message):
                if isinstance(decoded, wire.Clock):
                    self._player.set_clock(wire.clock_state(decoded))
                elif isinstance(decoded, wire.Window):
                    self._player.add(wire.motion_window(decoded), decoded.t_s)

    def _arrange(self, state: dict[str, Any]) -> None:
        if self._player is None or "arrangement" not in state:
            return
        with contextlib.suppress(WireError):
            self._player.set_arrangement(text.arrangement_from(state["arrangement"]))


def server_options(show: shows.Show) -> ServerOptions:
    """Return how the server of `show` is opened."""
    web: WebConfig = show.config.web
    return ServerOptions(
        host=web.host,
        port=web.port,
        token=show.token,
        show_start_s=show.start_s,
        session=show.session,
        caps=Caps(
            score=web.max_score_clients,
            pose=web.max_pose_clients,
            image=web.max_image_clients,
            control=web.max_control_clients,
        ),
    )


def audio_files(show: shows.Show) -> dict[str, Path]:
    """Return address -> path of everything that the page may have to play: the demo's tracks and a file of the user."""
    files = sorted(p for p in (ASSETS / "music").glob("*") if p.suffix in SOUND_SUFFIXES)
    own = Path(show.config.audio.source)
    if own.suffix and own.is_file():
        files.append(own)
    return {show.audio_name(path.name): path for path in files}


async def _run(show: shows.Show, life: Life) -> None:
    server = WebSocketServer(server_options(show), port_before=_port_before(show), audio=audio_files(show))
    async with server.serving():
        address = {"url": server.url, "host": show.config.web.host, "port": server.port}
        shows.write_atomically(show.folder / ADDRESS_FILE, json.dumps(address))
        styles = style_names()
        vocabulary = vocabulary_with(look=tuple(registry.names("look")), style=("auto", *styles), auto_style=styles)
        await Herald(server, StageLink(show.address, show.secret, "herald"), life, vocabulary).run()


def _port_before(show: shows.Show) -> int | None:
    """Return the port that this show had before the herald was restarted: viewers wait there."""
    try:
        return int(json.loads((show.folder / ADDRESS_FILE).read_text(encoding="utf-8"))["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _raise_file_limit() -> None:
    """Allow as many sockets as the system lets us: two thousand viewers need more than the usual 1,024."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard < 65_536 else 65_536, hard))


def main(show: shows.Show, life: Life) -> int:
    """Run the herald process. Raises `PortBusyError` when the port that was asked for is taken."""
    _raise_file_limit()
    try:
        asyncio.run(_run(show, life))
    except PortBusyError:
        LOG.error("the port is taken")
        raise
    return 0
