"""The herald between a stage (played by the test) and real clients."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.sync.client import ClientConnection, connect

from livedance import herald
from livedance import show as shows
from livedance.broadcast import wire
from livedance.broadcast.websocket import ServerOptions, WebSocketServer
from livedance.config import LiveConfig
from livedance.link import Link, LinkServer, StageLink
from livedance.messages import ClockState, MotionWindow
from livedance.skeleton import rest_pose
from tests.unit.waiting import until

pytestmark = pytest.mark.filterwarnings("ignore:connect:DeprecationWarning")
POSE = wire.LAYOUTS["Pose"].code


class Life:
    """Goes on until the test says otherwise."""

    def __init__(self) -> None:
        self.over = False

    def goes_on(self) -> bool:
        return not self.over


class Stage:
    """The stage's end of the link."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "stage.sock")
        self.listen()

    def listen(self) -> None:
        self._links = LinkServer(self.address, "secret")

    def peer(self) -> Link:
        def here() -> Link | None:
            self._links.accept()
            return self._links.peers.get("herald")

        return until(here)

    def hear(self, kind: str, **facts: Any) -> dict[str, Any]:
        """Return the next message of type `kind` in which `facts` hold."""

        def here() -> dict[str, Any] | None:
            for message in map(json.loads, self.peer().recv()):
                if message["type"] == kind and all(message.get(k) == v for k, v in facts.items()):
                    return dict(message)
            return None

        return until(here)

    def close(self) -> None:
        self._links.close()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
def server(stage: Stage) -> Iterator[WebSocketServer]:
    life, server, opened = Life(), WebSocketServer(ServerOptions(port=0, token="t")), threading.Event()

    async def main() -> None:
        async with server.serving():
            opened.set()
            await herald.Herald(server, StageLink(stage.address, "secret", "herald"), life).run()  # type: ignore[arg-type]

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    assert opened.wait(10)
    yield server
    life.over = True
    thread.join(5)
    assert not thread.is_alive()


def join(server: WebSocketServer, want: list[str]) -> ClientConnection:
    client = connect(f"ws://127.0.0.1:{server.port}/ws", subprotocols=[wire.PROTOCOL], compression=None)  # type: ignore[list-item]
    client.send(json.dumps({"type": "hello", "want": want, "token": "t"}))
    assert json.loads(client.recv(timeout=10))["type"] == "welcome"
    return client


def hear_bytes(client: ClientConnection, kind: int) -> bytes:
    while True:
        message = client.recv(timeout=10)
        if isinstance(message, bytes) and message[0] == kind:
            return message


def turned(x_m: float) -> MotionWindow:
    root, rotations = rest_pose()
    return MotionWindow(
        beat_start=0.0,
        root_position_m=np.tile(root + np.array([x_m, 0, 0]), (320, 1)),
        joint_rotations_wxyz=np.tile(rotations, (320, 1, 1)),
        foot_contact=np.zeros((320, 4)),
        hands=np.zeros((320, 2), np.uint8),
        plan=1,
    )


def test_what_the_stage_says_reaches_viewers_and_what_they_ask_reaches_the_stage(stage, server):
    link = stage.peer()
    client = join(server, ["score"])
    link.send(wire.encode_clock(ClockState(t_s=1.0, beat_position=2.0)))
    assert wire.decode(hear_bytes(client, wire.LAYOUTS["Clock"].code)).beat_position == 2.0
    link.send_json({"type": "state", "palette": 4, "message": "hello"})
    state = json.loads(client.recv(timeout=10))
    assert (state["type"], state["palette"], state["message"]) == ("state", 4, "hello")
    client.send(json.dumps({"type": "control", "id": 1, "op": "nudge_ms", "value": 10, "token": "t"}))
    command = stage.hear("command")
    assert (command["op"], command["value"], command["args"]) == ("nudge_ms", 10.0, {})
    assert command["source"].startswith("web")


def test_the_stage_hears_where_the_page_is_and_who_wants_pictures(stage, server):
    report = stage.hear("report")["stats"]
    assert report["url"] == server.url and report["image_clients"] == 0
    join(server, ["image"])
    until(lambda: stage.hear("report")["stats"]["image_clients"] == 1)


def test_poses_come_at_presentation_time_while_somebody_wants_them(stage, server):
    link = stage.peer()
    link.send(wire.encode_window(turned(0.5)))
    link.send(wire.encode_clock(ClockState(t_s=server.now(), beat_position=1.0)))
    link.send_json({"type": "state", "arrangement": {"beat": 0.0, "dancers": [{"id": 0}, {"id": 1, "x_m": 1.0}]}})
    until(lambda: server.snapshot()[2])
    client = join(server, ["pose"])
    first = wire.decode(hear_bytes(client, POSE))
    later = wire.decode(hear_bytes(client, POSE))
    assert later.seq == first.seq + 1 and later.t_s > first.t_s
    assert abs(later.t_s - server.now()) < 2.0
    until(lambda: np.allclose(wire.decode(hear_bytes(client, POSE)).positions[:, 0, 0], [0.5, 1.5], atol=1e-3))


def test_poses_are_as_much_ahead_as_the_show_asks(stage, server):
    link = stage.peer()
    link.send(wire.encode_clock(ClockState(t_s=server.now(), beat_position=1.0)))
    client = join(server, ["pose"])
    hear_bytes(client, POSE)
    link.send_json({"type": "state", "controls": {"delay_ms": {"*": 1500.0, "web": 500.0, "osc": 900.0}}})
    until(lambda: 1.0 < wire.decode(hear_bytes(client, POSE)).t_s - server.now() <= 2.0)


def test_poses_stand_still_while_the_show_is_frozen(stage, server):
    link = stage.peer()
    window = turned(0.0)
    link.send(wire.encode_window(replace(window, root_position_m=np.linspace([0, 1, 0], [3, 1, 0], 320))))
    link.send(wire.encode_clock(ClockState(t_s=server.now(), beat_position=1.0)))
    client = join(server, ["pose"])

    def moves() -> bool:
        first, second = (wire.decode(hear_bytes(client, POSE)) for _ in range(2))
        return second.t_s > first.t_s and not np.array_equal(first.positions, second.positions)

    until(moves)
    link.send_json({"type": "state", "freeze": True})
    until(lambda: not moves())
    link.send_json({"type": "state", "freeze": False})
    until(moves)


def test_what_the_show_would_refuse_is_refused_to_the_client(stage, server):
    client = join(server, ["score"])
    stage.peer()
    for number, (op, args, word) in enumerate(
        [("tapp", {}, "tap"), ("set", {"formation": "pyramid"}, "canon"), ("toggle", {"field": "palette"}, "palette")]
    ):
        client.send(json.dumps({"type": "control", "id": number, "op": op, "args": args, "token": "t"}))
        answers = (json.loads(message) for message in client if isinstance(message, str))
        answer = next(message for message in answers if message["type"] == "control")
        assert (answer["id"], answer["ok"]) == (number, False) and word in answer["error"], answer


def hear_text(client: ClientConnection, kind: str) -> dict[str, Any]:
    texts = (json.loads(message) for message in client if isinstance(message, str))
    return next(message for message in texts if message["type"] == kind)


def test_presets_are_told_to_those_who_control_and_asked_for_by_name(stage, server):
    link = stage.peer()
    first = join(server, ["beat"])
    link.send_json({"type": "presets", "names": ["Doors"], "done": "Saved 'Doors'", "problem": ""})
    assert hear_text(first, "presets") == {
        "type": "presets",
        "names": ["Doors"],
        "done": "Saved 'Doors'",
        "problem": "",
    }
    late = join(server, ["beat"])
    assert "done" not in hear_text(late, "presets"), "what was done before somebody came is no news"
    late.send(json.dumps({"type": "control", "id": 1, "op": "preset", "args": {"value": "Dors"}, "token": "t"}))
    answer = hear_text(late, "control")
    assert not answer["ok"] and "did you mean 'Doors'" in answer["error"]
    late.send(json.dumps({"type": "control", "id": 2, "op": "preset_save", "args": {"value": "Doors"}, "token": "t"}))
    assert "already" in hear_text(late, "control")["error"]
    late.send(json.dumps({"type": "control", "id": 3, "op": "preset", "value": 1, "token": "t"}))
    assert hear_text(late, "control")["ok"]
    assert stage.hear("command", op="preset")["value"] == 1


def test_a_stage_that_comes_back_is_found_again(stage, server):
    stage.peer()
    stage.close()
    stage.listen()
    stage.peer().send_json({"type": "state", "palette": 6})
    until(lambda: server.snapshot()[2].get("palette") == 6)


def test_the_page_can_be_given_the_demo_and_the_users_own_file(tmp_path):
    own = tmp_path / "My set.MP3"
    own.write_bytes(b"x")
    config = LiveConfig.model_validate({"audio": {"source": str(own)}})
    show = shows.create(config, seed=1)
    files = herald.audio_files(show)
    assert files[show.audio_name("My set.MP3")] == own
    assert "My set.MP3" not in files
    assert any(name.endswith(".ogg") for name in files)
    assert "index.json" not in files
