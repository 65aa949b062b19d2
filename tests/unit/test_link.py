"""Links between our processes."""

import socket
import time

import pytest

from livedance.link import FRAME_LIMIT, OUT_LIMIT, Link, LinkServer, StageLink, new_address


@pytest.fixture
def pair():
    a, b = socket.socketpair()
    first, second = Link(a), Link(b)
    yield first, second
    first.close()
    second.close()


def receive(link, n, timeout_s=2.0):
    end, got = time.monotonic() + timeout_s, []
    while len(got) < n and time.monotonic() < end:
        got += link.recv()
    return got


def test_messages_arrive_whole_and_in_order(pair):
    first, second = pair
    sent = [bytes([i % 256]) * (1 + 977 * i % 40_000) for i in range(60)]
    got = []
    for message in sent:
        first.send(message)
        got += second.recv()
    while len(got) < len(sent):
        first.flush()
        got += second.recv()
    assert got == sent


def test_a_peer_that_never_reads_is_hung_up_on(pair):
    first, _ = pair
    for _ in range(OUT_LIMIT // 65_536 + 16):
        first.send(bytes(65_536))
    assert not first.connected


def test_peer_that_leaves_is_noticed(pair):
    first, second = pair
    second.close()
    assert first.recv() == [] and not first.connected
    first.send(b"nobody there")


def test_absurd_length_is_refused(pair):
    first, second = pair
    second._sock.send((FRAME_LIMIT + 1).to_bytes(4, "little"))
    time.sleep(0.01)
    assert first.recv() == [] and not first.connected


def test_server_names_peers_and_checks_the_secret(tmp_path):
    address = new_address(tmp_path)
    server = LinkServer(address, "secret")
    good, bad = StageLink(address, "secret", "brain"), StageLink(address, "guess", "window")
    assert good.wait_connected(1.0) and bad.wait_connected(1.0)
    end, roles = time.monotonic() + 2.0, []
    while time.monotonic() < end and not roles:
        roles += server.accept()
    server.accept()
    assert roles == ["brain"] and set(server.peers) == {"brain"}
    good.send(b"hello stage")
    assert receive(server.peers["brain"], 1) == [b"hello stage"]
    server.close()


def test_client_comes_back_after_the_stage_died(tmp_path):
    address = new_address(tmp_path)
    server = LinkServer(address, "s")
    client = StageLink(address, "s", "herald")
    assert client.wait_connected(1.0)
    server.close()
    end = time.monotonic() + 2.0
    while client.connected and time.monotonic() < end:
        client.recv()
    assert not client.connected
    again = LinkServer(address, "s")
    assert client.wait_connected(1.0)
    again.close()


def test_what_is_said_right_after_the_name_is_not_lost(tmp_path):
    address = new_address(tmp_path)
    server, client = LinkServer(address, "secret"), StageLink(address, "secret", "brain")
    try:
        assert client.wait_connected(2.0)
        client.send(b"first")
        client.send(b"second")
        time.sleep(0.05)
        assert server.accept() == ["brain"]
        assert server.peers["brain"].recv() == [b"first", b"second"]
        assert server.peers["brain"].recv() == []
    finally:
        client.close()
        server.close()
