"""OSC control input over real sockets: commands, answers, garbage, floods, strangers."""

from __future__ import annotations

import logging
import os
import random
import socket
import time
from collections.abc import Iterator

import pytest

from livedance import osc_codec
from livedance.control import osc_table
from livedance.control.controls import reduce
from livedance.control.osc_in import MAX_PER_SENDER, OscIn, vocabulary_with
from livedance.errors import ConfigError, PortBusyError
from livedance.messages import Command, Controls


class Peer:
    """A control surface: its socket and an OscIn that hears it."""

    def __init__(self, **options: object) -> None:
        self.osc = OscIn(port=0, **options)  # type: ignore[arg-type]
        self.osc.open()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(2.0)

    def send(self, *datagrams: bytes) -> list[Command]:
        for datagram in datagrams:
            self.socket.sendto(datagram, ("127.0.0.1", self.osc.port))
        return self.osc.poll()

    def say(self, address: str, *args: osc_codec.Arg) -> list[Command]:
        return self.send(osc_codec.message(address, *args))

    def hear(self) -> tuple[str, tuple[object, ...]]:
        (message,) = osc_codec.decode(self.socket.recv(65_536))
        return message.address, message.args

    def hears_nothing(self) -> bool:
        self.socket.settimeout(0.05)
        try:
            self.socket.recv(65_536)
        except TimeoutError:
            return True
        return False

    def close(self) -> None:
        self.osc.close()
        self.socket.close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    made = Peer()
    yield made
    made.close()


def put(**args: object) -> Command:
    return Command(op="set", args=args, source="osc")


def switch(name: str, value: float | None) -> Command:
    return Command(op=name, value=value, source="osc")


@pytest.mark.parametrize(
    ("path", "args", "expected"),
    [
        ("tap", (), Command(op="tap", source="osc")),
        ("tap", (1.0,), Command(op="tap", source="osc")),
        ("beat/nudge_ms", (-10.0,), Command(op="nudge_ms", value=-10.0, source="osc")),
        ("beat/half", (1,), Command(op="half", source="osc")),
        ("beat/resync", (), Command(op="resync", source="osc")),
        ("tempo", (128,), Command(op="tempo", value=128.0, source="osc")),
        ("tempo/lock", (1,), switch("tempo_lock", 1.0)),
        ("tempo/source", ("osc",), put(tempo_source="osc")),
        ("energy", (0.5,), put(energy=0.5)),
        ("energy", (-1.0,), put(energy=None)),
        ("blackout", (), switch("blackout", None)),
        ("blackout", (0.0,), switch("blackout", 0.0)),
        ("blackout/fade_ms", (100,), put(blackout_fade_ms=100)),
        ("freeze", (1.0,), switch("freeze", 1.0)),
        ("hit", (), Command(op="hit", source="osc")),
        ("phrase/new", (1,), Command(op="phrase_new", source="osc")),
        ("hold", (1,), switch("hold", 1.0)),
        ("drop", (), Command(op="drop", source="osc")),
        ("formation", ("canon",), put(formation="canon")),
        ("dancers", (3.0,), put(dancers=3)),
        ("look", ("neon",), put(look="neon")),
        ("palette", (2,), put(palette=2)),
        ("scene", (4,), put(scene=4)),
        ("preset", (2,), Command(op="preset", args={"value": "Peak"}, source="osc")),
        ("preset", ("doors",), Command(op="preset", args={"value": "Doors"}, source="osc")),
        ("scene", ("ice",), put(scene=4)),
        ("scene", ("Carousel",), put(scene=9)),
        ("mirror", (1,), switch("mirror", 1.0)),
        ("camera/preset", (1,), put(camera="orbit")),
        ("camera/yaw", (30.0,), put(camera_yaw_deg=30.0)),
        ("camera/dist", (-9.0,), put(camera_dist_m=-4.0)),
        ("camera/x", (1,), put(camera_x_m=1.0)),
        ("camera/y", ("0.5",), put(camera_y_m=0.5)),
        ("director", (0,), switch("director", 0.0)),
        ("style", ("club:3+jazz",), put(style="club:0.75+jazz:0.25")),
        ("style/mix", ("club", "jazz", 0.25), put(style="club:0.75+jazz:0.25")),
        ("style/mix", ("club", "jazz", 7), put(style="jazz")),
        ("param/wobble", (0.25, "extra"), put(extra={"wobble": 0.25})),
    ],
)
def test_addresses_become_commands(peer: Peer, path: str, args: tuple[osc_codec.Arg, ...], expected: Command) -> None:
    peer.osc.learn(preset=["Doors", "Peak"])
    assert peer.say(f"/livedance/{path}", *args) == [expected]


@pytest.mark.parametrize("row", [r for r in osc_table.ROWS if not r.refusal], ids=lambda row: row.address)
def test_every_address_of_the_table_works_with_a_float_and_surplus_arguments(row: osc_table.OscRow) -> None:
    vocabulary = vocabulary_with(
        style=["auto", "house"], auto_style=["house", "salsa"], look=["neon"], preset=["Doors"]
    )
    peer = Peer(vocabulary=vocabulary)
    number = 3.0 if row.op == "tempo_source" else 1.0
    (command,) = peer.say(row.address, number, 1.0, 1.0, "surplus")
    reduce(Controls(), command, vocabulary)
    peer.close()


@pytest.mark.parametrize(("tag", "data"), [(",T", b""), (",i", b"\0\0\0\1"), (",d", b"\x3f\xf0" + bytes(6))])
def test_booleans_integers_and_doubles_are_taken_alike(peer: Peer, tag: str, data: bytes) -> None:
    commands = peer.send(osc_codec.padded("/livedance/blackout") + osc_codec.padded(tag) + data)
    assert reduce(Controls(), commands[0]).blackout


@pytest.mark.parametrize("wanted", [3, 0, "Paek", ""])
def test_a_preset_that_is_not_there_is_answered(peer: Peer, wanted: osc_codec.Arg) -> None:
    peer.osc.learn(preset=["Doors", "Peak"])
    assert peer.say("/livedance/preset", wanted) == []
    address, (sentence,) = peer.hear()
    assert address == "/livedance/error" and "There are: 1 Doors, 2 Peak" in str(sentence)


def test_the_release_of_a_button_does_nothing(peer: Peer) -> None:
    assert peer.say("/livedance/tap", 0.0) == []
    assert peer.say("/livedance/hit", 0) == []


def test_a_bundle_stamped_ahead_acts_at_once(peer: Peer) -> None:
    content = osc_codec.message("/livedance/tap")
    late = b"#bundle\0" + (2**64 - 2).to_bytes(8, "big") + len(content).to_bytes(4, "big") + content
    assert [c.op for c in peer.send(late)] == ["tap"]


def test_unknown_addresses_and_patterns_are_ignored(peer: Peer) -> None:
    for address in ("/livedance/taps", "/livedance/*", "/nothing", "/livedance", "/livedance/param/"):
        assert peer.say(address, 1.0) == []
    assert peer.osc.unknown == 5


def test_a_value_that_cannot_be_used_is_answered(peer: Peer) -> None:
    assert peer.say("/livedance/formation", "unisom") == []
    address, (sentence,) = peer.hear()
    assert address == "/livedance/error" and "unison" in str(sentence)


@pytest.mark.parametrize(
    ("path", "args", "why"),
    [
        ("camera/pitch", (10.0,), "always level"),
        ("smooth", (0.5,), "no generator knows smoothness yet"),
        ("variation", (0.5,), "no generator knows variation yet"),
    ],
)
def test_an_address_that_can_do_nothing_says_so(peer: Peer, path: str, args: tuple[float, ...], why: str) -> None:
    assert peer.say(f"/livedance/{path}", *args) == []
    address, (sentence,) = peer.hear()
    assert (
        address == "/livedance/error" and f"/livedance/{path} has no effect" in str(sentence) and why in str(sentence)
    )


@pytest.mark.parametrize("args", [("club", "jaz", 0.5), ("club",), ("club", "auto", 0.5), ("club", "jazz", "x"), ()])
def test_a_mix_that_cannot_be_is_answered(args: tuple[osc_codec.Arg, ...]) -> None:
    peer = Peer(vocabulary=vocabulary_with(style=["auto", "club", "jazz"]))
    assert peer.say("/livedance/style/mix", *args) == []
    address, (sentence,) = peer.hear()
    assert address == "/livedance/error" and "style" in str(sentence)
    peer.close()


def test_styles_of_a_mix_go_by_index_too_and_are_read_back() -> None:
    peer = Peer(vocabulary=vocabulary_with(style=["auto", "club", "jazz"]))
    (command,) = peer.say("/livedance/style/mix", 1, 2.0, 0.5)
    assert command.args == {"style": "club:0.5+jazz:0.5"}
    peer.osc.publish(Controls(style="club:0.5+jazz:0.5"))
    peer.say("/livedance/get", "style/mix")
    assert peer.hear() == ("/livedance/style/mix", ("club", "jazz", 0.5))
    peer.close()


def test_ping_get_and_question_mark_answer_the_sender(peer: Peer) -> None:
    peer.osc.publish(Controls(version=5, energy=0.25, extra={"wobble": 0.5}))
    peer.say("/livedance/ping")
    assert peer.hear() == ("/livedance/pong", (5,))
    peer.say("/livedance/get", "energy")
    assert peer.hear() == ("/livedance/energy", (0.25,))
    peer.say("/livedance/blackout", "?")
    assert peer.hear() == ("/livedance/blackout", (0,))
    peer.say("/livedance/get", "/livedance/param/wobble")
    assert peer.hear() == ("/livedance/param/wobble", (0.5,))
    peer.say("/livedance/get", "nonsense")
    assert peer.hear()[0] == "/livedance/error"


def test_subscribers_hear_all_then_changes_until_they_end_it(peer: Peer) -> None:
    peer.say("/livedance/subscribe")
    everything = dict(peer.hear() for _ in range(len(osc_table.readback(Controls()))))
    assert everything["/livedance/energy"] == (-1.0,)
    peer.osc.publish(Controls(version=1, energy=0.5))
    assert peer.hear() == ("/livedance/energy", (0.5,))
    peer.osc.publish(Controls(version=1, energy=0.5))
    assert peer.hears_nothing()
    peer.say("/livedance/subscribe", -1)
    peer.osc.publish(Controls(version=2, energy=0.75))
    assert peer.hears_nothing()


def test_tempo_of_another_program_counts_only_when_chosen(peer: Peer) -> None:
    datagrams = [osc_codec.message("/bpm/current", 126.0), osc_codec.message("/beat", 17.25)]
    assert peer.send(*datagrams) == []
    peer.osc.publish(Controls(tempo_source="osc"))
    (command,) = peer.send(*datagrams, osc_codec.message("/beat", 17.5), osc_codec.message("/beat", float("nan")))
    assert command.op == "external"
    assert command.args == {"tempo": 126.0, "beat": 17.5, "clock": "osc"}


def test_a_ramp_of_beats_is_counted_on(peer: Peer) -> None:
    peer.osc.publish(Controls(tempo_source="osc"))
    peer.say("/bpm", 120.0)
    beats = [peer.say("/beat/1", ramp)[0].args["beat"] for ramp in (0.2, 0.9, 0.1, 0.8, 0.0)]
    assert beats == pytest.approx([0.2, 0.9, 1.1, 1.8, 2.0])


def test_garbage_never_raises(peer: Peer) -> None:
    rng = random.Random(1)
    base = osc_codec.bundle([osc_codec.message("/livedance/energy", 0.5), osc_codec.message("/livedance/style", "x")])
    for _ in range(400):
        cut = bytearray(base[: rng.randrange(len(base) + 1)])
        for _ in range(rng.randrange(4)):
            if cut:
                cut[rng.randrange(len(cut))] = rng.randrange(256)
        peer.send(bytes(cut), os.urandom(rng.randrange(64)))
    assert peer.osc.malformed > 300
    assert peer.say("/livedance/tap")[0].op == "tap"


def test_a_flood_is_bounded_and_keeps_nobody_out(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    flood, other = osc_codec.message("/livedance/energy", 0.5), Peer.__new__(Peer)
    other.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with caplog.at_level(logging.WARNING):
        for _ in range(MAX_PER_SENDER + 40):
            peer.socket.sendto(flood, ("127.0.0.1", peer.osc.port))
        other.socket.sendto(osc_codec.message("/livedance/blackout", 1), ("127.0.0.1", peer.osc.port))
        commands = peer.osc.poll()
    other.socket.close()
    assert commands[-1] == switch("blackout", 1.0)
    assert len(commands) == MAX_PER_SENDER + 1
    assert peer.osc.is_flooded
    assert peer.osc.poll() == [] and not peer.osc.is_flooded
    assert peer.osc.dropped == 40
    assert len(caplog.records) == 1


def test_a_huge_bundle_counts_as_many_messages(peer: Peer) -> None:
    assert len(peer.send(osc_codec.bundle([osc_codec.message("/livedance/tap")] * 1000))) == MAX_PER_SENDER


def test_a_poll_without_mail_is_quick_and_empty(peer: Peer) -> None:
    start = time.perf_counter()
    assert peer.osc.poll() == []
    assert time.perf_counter() - start < 0.5
    assert peer.osc.fileno() >= 0


def test_a_taken_port_is_named_when_asked_for_and_passed_over_otherwise() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(PortBusyError, match=str(port)) as raised:
            OscIn(port=port).open()
        assert raised.value.exit_code == 5
    first, second = OscIn(), OscIn()
    first.open()
    second.open()
    assert first.port != second.port
    first.close()
    second.close()
    second.close()
    assert second.poll() == [] and second.fileno() == -1


def test_another_address_than_loopback_needs_a_list_of_senders() -> None:
    with pytest.raises(ConfigError, match="allow"):
        OscIn(host="0.0.0.0", port=0).open()
    with pytest.raises(ConfigError, match=r"192\.168\.1\.x"):
        OscIn(host="0.0.0.0", port=0, allow=["192.168.1.x"])
    with pytest.raises(ConfigError, match="not an address"):
        OscIn(host="no.such.host.invalid", port=0).open()


def test_strangers_are_counted_and_not_obeyed() -> None:
    osc = OscIn(host="0.0.0.0", port=0, allow=["192.0.2.0/24"])
    osc.open()
    assert osc._is_allowed(("192.0.2.7", 1)) and osc._is_allowed(("127.0.0.1", 1))
    assert not osc._is_allowed(("198.51.100.1", 1)) and not osc._is_allowed(("", 0))
    osc.close()
