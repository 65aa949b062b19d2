"""The socket with real clients: joining, order, limits, and people who behave badly."""

from __future__ import annotations

import json
import random
import socket

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from livedance.broadcast import limits, wire
from livedance.broadcast.limits import Caps
from livedance.broadcast.port import bind
from livedance.broadcast.websocket import ServerOptions, WebSocketServer
from livedance.errors import LivedanceError, PortBusyError
from livedance.messages import Levels
from tests.unit.broadcast.web_samples import (
    TOKEN,
    clock,
    dial,
    hear,
    hear_bytes,
    hear_text,
    image,
    join,
    say,
    serving,
    window,
)
from tests.unit.waiting import until

# Newer libraries want `with connect(...)`; these tests hold many connections at once.
pytestmark = pytest.mark.filterwarnings("ignore:connect:DeprecationWarning")

CLOCK, WINDOW, LEVELS, IMAGE = (wire.LAYOUTS[n].code for n in ("Clock", "Window", "Levels", "Image"))


@pytest.fixture
def server():
    with serving() as found:
        yield found


def health(server: WebSocketServer) -> dict:
    return server.health()["clients"]


# --- joining ---


def test_presets_are_told_to_those_who_may_control_only(server):
    server.set_presets({"names": ["Doors"], "done": "", "problem": ""})
    until(lambda: server._hub.presets)
    viewer, controller = join(server, ["beat"]), join(server, ["beat"], token=TOKEN)
    assert hear_text(controller, "presets")["names"] == ["Doors"]
    server.set_presets({"names": ["Doors", "Peak"], "done": "", "problem": ""})
    server.set_state({"message": "last"})
    assert hear_text(controller, "presets")["names"] == ["Doors", "Peak"]
    heard = [hear(viewer)["type"]]
    while hear(viewer).get("message") != "last":
        heard.append("state")
    assert "presets" not in heard
    # Who shows the token later is told then.
    say(viewer, type="control", id=1, op="tap", token=TOKEN)
    assert hear_text(viewer, "presets")["names"] == ["Doors", "Peak"]


def test_a_newcomer_gets_welcome_clock_state_and_all_windows_that_count(server):
    server.publish(clock(server, beat=20.0))
    for plan, beat in enumerate([0.5, 7.5, 19.5, 20.5, 21.5]):
        server.publish(window(beat, plan))
    server.set_state({"message": "hello", "palette": 3})
    client = dial(server)
    say(client, type="hello", want=["score"])
    welcome, newest, state, batch = (hear(client) for _ in range(4))
    assert welcome["type"] == "welcome" and welcome["session"] and welcome["boot"]
    assert welcome["rig"]["joints"][0] == "hips" and welcome["state"]["palette"] == 3
    assert abs(welcome["server_s"] - server.now()) < 5
    assert newest[0] == CLOCK
    assert state == {"type": "state", "message": "hello", "palette": 3}
    # The window at 0.5 ended 17.5 beats ago: it cannot be shown any more.
    assert [m.beat_start for m in wire.decode_all(batch)] == [7.5, 19.5, 20.5, 21.5]


def test_what_comes_later_follows_in_order_and_is_counted_per_connection_and_type(server):
    first, second = join(server), join(server)
    for plan in range(3):
        server.publish(window(plan + 0.5, plan))
    late = join(server)
    server.publish(window(3.5, 3))
    assert [wire.decode(hear_bytes(first, WINDOW)).plan for _ in range(4)] == [0, 1, 2, 3]
    decoded = [wire.decode(hear_bytes(second, WINDOW)) for _ in range(4)]
    assert [m.seq for m in decoded] == [0, 1, 2, 3]
    joined = wire.decode_all(hear_bytes(late, wire.BATCH))
    assert [m.seq for m in joined] == [0, 1, 2]
    assert wire.decode(hear_bytes(late, WINDOW)).seq == 3


def test_a_new_session_clears_the_score(server):
    server.set_state({"session": "one"})
    server.publish(clock(server))
    server.publish(window(7.5, 0))
    server.set_state({"session": "two"})
    client = dial(server)
    say(client, type="hello")
    assert hear(client)["session"] == "two"
    assert hear(client)["type"] == "state"
    say(client, type="ping", t0=1.0)
    assert hear(client)["type"] == "pong"


def test_ping_answers_with_show_time(server):
    client = join(server)
    before = server.now()
    say(client, type="ping", t0=123.5)
    pong = hear_text(client, "pong")
    assert pong["t0"] == 123.5
    assert before <= pong["t1"] <= pong["t2"] <= server.now()


def test_only_those_who_want_levels_get_them(server):
    plain, keen = join(server, ["score"]), join(server, ["score", "levels"])
    server.publish(wire.encode_levels(Levels(energy=0.5), t_s=1.0))
    server.publish(clock(server))
    assert hear_bytes(keen, LEVELS)
    kinds = set()
    while CLOCK not in kinds:
        message = hear(plain)
        kinds.add(message[0] if isinstance(message, bytes) else "text")
    assert LEVELS not in kinds


def test_sends_are_not_delayed_by_nagle(server):
    client = join(server)
    client_side = until(lambda: next(iter(server._hub), None))
    own = client_side.connection.transport.get_extra_info("socket")
    assert own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    client.close()


# --- control ---


def test_control_needs_the_token_and_is_answered_once_by_id(server):
    client = join(server)
    say(client, type="control", id=1, op="tap")
    say(client, type="control", id=2, op="tap", token="wrong")
    say(client, type="control", id=3, op="nudge_ms", value=-10, args={}, token=TOKEN)
    say(client, type="control", id=4, op="set", args={"palette": 2}, token=TOKEN)
    answers = [hear_text(client, "control") for _ in range(4)]
    assert [(a["id"], a["ok"]) for a in answers] == [(1, False), (2, False), (3, True), (4, True)]
    assert "token" in answers[0]["error"]
    assert server.commands == [("nudge_ms", {"value": -10.0}), ("set", {"palette": 2})]


def test_at_most_eight_control(server):
    for n in range(9):
        client = join(server, token=TOKEN)
        say(client, type="control", id=n, op="tap", token=TOKEN)
        answer = hear_text(client, "control")
        assert answer["ok"] == (n < 8)
    assert health(server)["control"] == 8


# --- limits ---


def test_caps_turn_away_what_is_full_and_keep_the_rest():
    with serving(caps=Caps(score=3, image=1)) as server:
        join(server, ["image"])
        second = dial(server)
        say(second, type="hello", want=["score", "image"])
        assert hear(second)["granted"] == ["score"]
        third = dial(server)
        say(third, type="hello", want=["image"])
        error = hear(third)
        assert (error["code"], error["fatal"]) == ("full", True)
        with pytest.raises(ConnectionClosed):
            hear(third)


def test_images_wait_for_acknowledgements_and_the_newest_wins(server):
    client = join(server, ["image"])
    for seq in range(10):
        server.publish(image(seq))
    first = [wire.decode(hear_bytes(client, IMAGE)) for _ in range(2)]
    assert [m.t_s for m in first] == [0.0, 1.0]
    say(client, type="ping", t0=0)
    assert hear(client)["type"] == "pong", "a third image came without an acknowledgement"
    say(client, type="ack", seq=first[0].seq)
    assert wire.decode(hear_bytes(client, IMAGE)).t_s == 9.0


def test_a_flood_is_cut_and_others_do_not_notice(server):
    good, bad = join(server), join(server)
    with pytest.raises(ConnectionClosed) as closed:
        for n in range(500):
            say(bad, type="ping", t0=n)
        while True:
            hear(bad)
    assert closed.value.rcvd is None or closed.value.rcvd.code == 1008
    say(good, type="ping", t0=1)
    assert hear_text(good, "pong")["t0"] == 1


def test_a_flood_of_protocol_pings_is_cut(server):
    client = join(server)
    with pytest.raises((ConnectionClosed, OSError)):
        for _ in range(2_000):
            client.ping()
        while True:
            hear(client)
    until(lambda: health(server)["all"] == 0)


def test_acks_have_their_own_limit(server):
    client = join(server, ["image"])
    for n in range(100):
        say(client, type="ack", seq=n)
    say(client, type="ping", t0=7)
    assert hear_text(client, "pong")["t0"] == 7


def test_a_message_over_four_kilobytes_closes(server):
    client = join(server)
    client.send(json.dumps({"type": "hello", "pad": "x" * 5_000}))
    with pytest.raises(ConnectionClosed) as closed:
        hear_text(client, "nothing")
    assert closed.value.rcvd.code == 1009


def test_a_client_that_reads_nothing_is_cut_and_harms_nobody(server, monkeypatch):
    monkeypatch.setattr(limits, "CLOSE_BYTES", 64 << 10)
    good = join(server)
    stalled = socket.create_connection(("127.0.0.1", server.port))
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    key = f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    key += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    stalled.sendall((key + f"Sec-WebSocket-Protocol: {wire.PROTOCOL}\r\n\r\n").encode())
    hello = b'{"type":"hello"}'
    stalled.sendall(bytes([0x81, 0x80 | len(hello)]) + bytes(4) + hello)
    until(lambda: health(server)["all"] == 2)
    plan = 0
    while health(server)["all"] == 2 and plan < 4_000:
        server.publish(window(plan + 0.5, plan))
        assert wire.decode(hear_bytes(good, WINDOW)).plan == plan
        plan += 1
    assert health(server)["all"] == 1
    stalled.close()


def test_a_client_without_progress_is_noticed():
    from livedance.broadcast.client import Client

    class Stuck(Client):
        unsent = 1_000  # type: ignore[assignment]

    stuck = Stuck(None, "stuck")  # type: ignore[arg-type]
    seconds = 0
    while stuck.check_progress(1.0):
        seconds += 1
        assert seconds < 20
    assert seconds == limits.STALL_S - 1


# --- odd messages ---


@pytest.mark.parametrize(
    "odd",
    [
        "", "null", "[]", "3", "{", '{"type":3}', '{"type":{}}', '{"type":"ping"}', '{"type":"ping","t0":"x"}',
        '{"type":"ping","t0":NaN}', '{"type":"ping","t0":1e999}', '{"type":"ack","seq":-1}', '{"type":"ack"}',
        '{"type":"control","op":""}', '{"type":"control","id":1,"op":"tap","args":[]}', "[" * 3_000,
        '{"type":"hello","want":5}', '{"type":"report","fps":"\\ud800"}', b"\x00\xff", '{"type":' + "[" * 900,
        '{"type":' + "[" * 960 + "]" * 960 + "}",
    ],
)  # fmt: skip
def test_an_odd_message_is_answered_and_the_show_goes_on(server, odd):
    client = join(server)
    client.send(odd)
    say(client, type="ping", t0=1)
    answer = hear(client)
    while answer["type"] == "state":
        answer = hear(client)
    if answer["type"] == "error":
        assert not answer["fatal"] and answer["message"]
        answer = hear_text(client, "pong")
    assert answer["t0"] == 1


def test_unknown_types_are_ignored(server):
    client = join(server)
    say(client, type="telepathy", thought=1)
    say(client, type="ping", t0=2)
    assert hear_text(client, "pong")["t0"] == 2
    assert server._hub.counters.get("malformed") == 0


@pytest.mark.parametrize(
    ("op", "args"),
    [("Tap", {}), ("tap\n", {}), ("x" * 40, {}), ("set", {"a": {"b": 1}}), ("set", {"a": float("inf")}), ("", {})],
)
def test_odd_controls_are_refused(server, op, args):
    client = join(server, token=TOKEN)
    client.send(json.dumps({"type": "control", "id": 5, "op": op, "args": args, "token": TOKEN}))
    answer = hear(client)
    while answer["type"] == "state":
        answer = hear(client)
    assert answer["type"] == "error" or answer["ok"] is False
    assert server.commands == []


def test_a_token_of_odd_text_is_just_wrong(server):
    client = join(server)
    client.send('{"type":"control","id":1,"op":"tap","token":"\\ud800"}')
    assert hear(client)["type"] in ("error", "control", "state")
    assert server.commands == []


def test_noise_never_breaks_the_server(server):
    rng = random.Random(5)
    words = ['"type"', '"hello"', '"ping"', '"control"', "{", "}", "[", "]", ":", ",", "1", "null", '"t0"', "\\", '"']
    for _ in range(15):
        client = dial(server)
        for _ in range(8):
            client.send("".join(rng.choice(words) for _ in range(rng.randrange(30))))
        client.close()
    for _ in range(10):
        with socket.create_connection(("127.0.0.1", server.port)) as raw:
            raw.sendall(rng.randbytes(200))
    assert join(server)


def test_odd_messages_of_the_show_are_counted_and_dropped(server):
    client = join(server)
    for odd in (b"", b"\x12", bytes(40), clock(server)[:-1], window(1.5, 1)[:-2]):
        server.publish(odd)
    server.publish(clock(server))
    assert hear_bytes(client, CLOCK)
    assert server._hub.counters.get("malformed", "stage") == 5


# --- who may come in ---


def test_pages_of_other_sites_and_other_names_stay_out(server):
    ours = f"http://127.0.0.1:{server.port}"
    assert dial(server, origin=ours)
    for origin in ("http://evil.example", "null", f"http://127.0.0.1:{server.port + 1}", "file://"):
        with pytest.raises(InvalidStatus) as refused:
            dial(server, origin=origin)
        assert refused.value.response.status_code == 403
    with pytest.raises(InvalidStatus) as refused:
        dial(server, additional_headers={"Host": "evil.example"})
    assert refused.value.response.status_code in (400, 403)


def test_the_subprotocol_is_required(server):
    with pytest.raises(InvalidStatus):
        dial(server, subprotocols=None)


def test_another_address_needs_the_token_to_look():
    with serving(host="0.0.0.0") as server:
        client = dial(server)
        say(client, type="hello")
        assert hear(client)["code"] == "token"
        with pytest.raises(ConnectionClosed):
            hear(client)
        assert join(server, token=TOKEN)


# --- the port ---


def test_a_port_that_was_asked_for_and_is_taken_is_an_error_otherwise_the_next_is_used(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortBusyError, match=str(port)) as busy:
            WebSocketServer(ServerOptions(port=port)).start()
        assert busy.value.exit_code == 5
        monkeypatch.setattr("livedance.broadcast.port.DEFAULT_PORT", port)
        with bind("127.0.0.1", None) as free:
            assert free.getsockname()[1] != port


def test_the_port_before_a_restart_is_used_again():
    with serving() as first:
        port = first.port
    with bind("127.0.0.1", None, port) as again:
        assert again.getsockname()[1] == port


def test_an_address_that_is_not_ours_is_one_sentence():
    with pytest.raises(LivedanceError, match=r"203\.0\.113\.7"):
        WebSocketServer(ServerOptions(host="203.0.113.7", port=0)).start()
