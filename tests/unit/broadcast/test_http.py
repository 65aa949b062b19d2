"""Static files, health, metrics and sound over HTTP, asked by a plain socket."""

from __future__ import annotations

import gzip
import json
import socket
from pathlib import Path

import pytest

from livedance import paths
from livedance.broadcast import http_static
from livedance.broadcast.access import Access
from tests.unit.broadcast.web_samples import TOKEN, clock, hear_text, join, serving, window
from tests.unit.waiting import until

# Newer libraries want `with connect(...)`; these tests hold many connections at once.
pytestmark = pytest.mark.filterwarnings("ignore:connect:DeprecationWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("viewer")
    (root / "index.html").write_text("<!doctype html>" + "hello " * 200)
    (root / "viewer.js").write_text("let a = 1;")
    (root.parent / "secret.txt").write_text("secret")
    return root


@pytest.fixture(scope="module")
def server(folder):
    with serving(viewer=folder) as found:
        yield found


def ask(server, path: str, *headers: str, method: str = "GET", host: str | None = None) -> tuple[int, dict, bytes]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{server.port}'}", *headers, "", ""]
        raw.sendall("\r\n".join(lines).encode())
        data = b""
        while piece := raw.recv(1 << 16):
            data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.lower().split(": ", 1) for line in rest), body


def test_the_page_comes_under_a_strict_policy(server):
    status, headers, body = ask(server, "/?mode=2d")
    assert status == 200 and body.startswith(b"<!doctype html>")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script-src 'self';" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-type"] == "text/html; charset=utf-8"


def test_gzip_where_it_is_accepted_and_smaller(server):
    _, headers, body = ask(server, "/", "Accept-Encoding: gzip, br")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body).startswith(b"<!doctype html>")
    _, headers, _ = ask(server, "/viewer.js", "Accept-Encoding: gzip")
    assert "content-encoding" not in headers
    assert headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "//secret.txt", "/viewer.js/", "/nothing", "/audio/../secret.txt",
             "/audio/%2e%2e%2fsecret.txt", "/.."],
)  # fmt: skip
def test_only_known_names_are_found(server, path):
    assert ask(server, path)[0] == 404


def test_head_has_no_body_and_other_methods_are_refused(server):
    status, headers, body = ask(server, "/", method="HEAD")
    assert status == 200 and body == b"" and int(headers["content-length"]) > 100
    assert ask(server, "/", method="DELETE")[0] == 405


def test_foreign_names_are_refused_everywhere(server):
    for path in ("/", "/healthz", "/metrics", "/ws"):
        assert ask(server, path, host="evil.example")[0] == 403
    assert ask(server, "/", host="localhost:1")[0] == 200
    assert ask(server, "/", "Host: evil.example")[0] == 403, "two names are no name"


def test_health_tells_what_is_going_on(server):
    server.publish(clock(server, beat=8.0))
    server.publish(window(8.5, 1))
    with join(server):
        until(lambda: server.health()["score_ahead_beats"])
        status, headers, body = ask(server, "/healthz")
    told = json.loads(body)
    assert status == 200 and headers["content-type"] == "application/json"
    assert told["status"] == "ok" and told["clients"]["score"] == told["clients"]["all"] == 1
    assert 0 < told["score_ahead_beats"] < 3


def test_metrics_are_prometheus_text(server):
    server.set_stats({"osc": {"sent": 5}, "name": "text is left out", "standby": False})
    server.publish(clock(server))
    until(lambda: b"livedance_sent_total" in ask(server, "/metrics")[2])
    text = ask(server, "/metrics")[2].decode()
    assert "livedance_show_osc_sent 5" in text
    assert "livedance_clients_score" in text and "livedance_clients_all 0" in text
    assert 'livedance_sent_total{kind="clock"}' in text
    for line in text.splitlines():
        assert line.startswith("# TYPE ") or len(line.split(" ")) == 2


def test_numbers_tell_neither_token_nor_paths(server):
    home = {"url": server.url, "clients": {"all": 1}, "session": "s"}
    recording = {"path": "/home/ada/tonight.ldrec", "written": 3, "error": "/home/ada is full"}
    with join(server, ["stats"]) as client:
        server.set_stats({"processes": {"herald": home}, "recording": recording, "list": [TOKEN]})
        told = json.dumps(hear_text(client, "stats"))
    pages = [ask(server, path)[2].decode() for path in ("/healthz", "/metrics")]
    assert "livedance_show_recording_written 3" in pages[1] and '"written": 3' in told
    for text in (told, *pages):
        assert TOKEN not in text and "/home" not in text and "ada" not in text


def test_sound_comes_in_pieces(tmp_path):
    path = tmp_path / "my track.ogg"
    path.write_bytes(bytes(range(256)) * 8_192)
    whole = http_static.audio_answer(path, "bytes=0-")
    assert (whole.status, len(whole.body)) == (206, http_static.PIECE_BYTES)
    assert whole.headers["Content-Range"] == f"bytes 0-{http_static.PIECE_BYTES - 1}/{256 * 8_192}"
    middle = http_static.audio_answer(path, "bytes=10-13")
    assert middle.body == bytes([10, 11, 12, 13])
    assert http_static.audio_answer(path, f"bytes={10**9}-").status == 416
    assert http_static.audio_answer(path, "bytes=5-2").status == 416
    assert http_static.audio_answer(path, "lines=1-2").status == 206
    path.unlink()
    assert http_static.audio_answer(path, None).status == 404


def test_the_committed_page_is_small_and_complete():
    site = http_static.StaticSite(paths.VIEWER)
    assert "/" in site and "/viewer.js" in site
    packed = {p.name: len(gzip.compress(p.read_bytes(), 9)) for p in paths.VIEWER.rglob("*") if p.is_file()}
    dancers = {name: size for name, size in packed.items() if name.endswith(".glb")}
    code = sum(packed.values()) - sum(dancers.values())
    assert code - packed["stage.js"] < 60_000, "what a page loads before it dances"
    assert code < 170_000, "with the 3-D stage"
    assert len(dancers) >= 3 and max(dancers.values()) < 130_000
    assert "/control" in site


def test_hosts_by_where_the_server_is_bound():
    near = Access(bind_host="127.0.0.1", token="t")
    assert near.host_allowed("127.0.0.1:8765") and near.host_allowed("[::1]:8765") and near.host_allowed("localhost")
    assert not near.host_allowed("192.168.1.5:8765") and not near.host_allowed(None) and not near.host_allowed("a b")
    wide = Access(bind_host="0.0.0.0", token="t")
    assert wide.host_allowed("192.168.1.5:8765") and not wide.host_allowed("evil.example:8765")
    assert wide.view_needs_token and not near.view_needs_token
    assert not near.token_matches("x") and not near.token_matches(None) and near.token_matches("t")
