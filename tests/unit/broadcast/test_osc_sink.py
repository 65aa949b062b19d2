"""The OSC output over a real socket, and its option."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from livedance import osc_codec
from livedance.broadcast.osc_sink import OscSink, parse_osc_option
from livedance.errors import ConfigError
from livedance.messages import Levels
from tests.unit.broadcast.osc_samples import clock, pose


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two neighbouring UDP ports: show, and strings."""
    for _ in range(50):
        show = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        info = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        show.bind(("127.0.0.1", 0))
        try:
            info.bind(("127.0.0.1", show.getsockname()[1] + 1))
        except OSError:
            show.close()
            info.close()
            continue
        show.settimeout(2.0)
        info.settimeout(2.0)
        with show, info:
            yield show, info
        return
    pytest.fail("no two neighbouring ports")


def receive(sock: socket.socket, count: int) -> dict[str, tuple[object, ...]]:
    return {m.address: m.args for _ in range(count) for m in osc_codec.decode(sock.recv(65_536))}


def test_frames_arrive_numbered(pair: tuple[socket.socket, socket.socket]) -> None:
    show, _ = pair
    sink = OscSink("default", "localhost", show.getsockname()[1])
    sink.open()
    for n in range(3):
        sink.send(pose(), clock(), Levels(), n / 60)
    frames = [receive(show, 2)["/livedance/frame"] for _ in range(3)]
    assert frames == [(0,), (1,), (2,)]
    assert (sink.sent, sink.errors) == (6, 0)
    sink.close()
    sink.close()
    sink.send(pose(), clock(), Levels(), 1.0)
    assert sink.sent == 6


def test_the_rate_holds_when_the_caller_is_faster() -> None:
    sink = OscSink("default", "127.0.0.1", 9, rate_hz=30)
    sink.open()
    for n in range(241):
        sink.send(pose(), clock(), Levels(), n / 240 + (n % 3) * 1e-4)
    assert sink.sent + sink.errors == pytest.approx(2 * 30, abs=4)
    sink.close()


def test_strings_go_to_the_port_after_on_change_and_once_a_second(pair: tuple[socket.socket, socket.socket]) -> None:
    show, info = pair
    sink = OscSink("default", "127.0.0.1", show.getsockname()[1])
    sink.open()
    sink.set_info({"style": "house", "device": "mic"})
    assert receive(info, 2) == {"/livedance/info/style": ("house",), "/livedance/info/device": ("mic",)}
    sink.set_info({"style": "salsa", "device": "mic"})
    assert receive(info, 1) == {"/livedance/info/style": ("salsa",)}
    for n in range(121):
        sink.send(pose(), clock(), Levels(), n / 60)
    info.settimeout(0.05)
    repeats = 0
    try:
        while info.recv(65_536):
            repeats += 1
    except TimeoutError:
        pass
    assert repeats == 2 * 3
    sink.close()


def test_a_refused_send_is_counted_and_nothing_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        def sendto(self, data: bytes, target: object) -> None:
            raise BlockingIOError

        def close(self) -> None:
            return

    sink = OscSink("default", "127.0.0.1", 9000)
    sink._socket = Refusing()  # type: ignore[assignment]
    sink.send(pose(), clock(), Levels(), 0.0)
    assert (sink.sent, sink.errors) == (0, 2)


def test_an_unknown_host_is_named_before_the_show() -> None:
    with pytest.raises(ConfigError, match=r"no\.such\.host\.invalid"):
        OscSink("default", "no.such.host.invalid", 9000).open()


def test_options_are_taken_apart() -> None:
    assert parse_osc_option("td=127.0.0.1:9000") == ("td", "127.0.0.1", 9000)
    assert parse_osc_option("default=[::1]:7000") == ("default", "::1", 7000)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("vmc=127.0.0.1:39539", "There are: default, td"),
        ("defualt=127.0.0.1:9000", "did you mean 'default'"),
        ("td", "PROFILE=HOST:PORT"),
        ("td=localhost", "PROFILE=HOST:PORT"),
        ("td=localhost:http", "'http'"),
        ("td=localhost:0", "'0'"),
        ("td=localhost:65535", "65534"),
    ],
)
def test_options_that_cannot_be_used_say_why(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_osc_option(text)
    assert said in str(raised.value)
    assert raised.value.exit_code == 2
