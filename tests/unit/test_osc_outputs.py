"""The stage's OSC outputs: a beat is told when it comes, joints as the camera sees them."""

from __future__ import annotations

import socket

import pytest

from livedance import osc_codec, skeleton
from livedance.config import LiveConfig, check
from livedance.messages import ClockState, Levels
from livedance.osc_outputs import OscOutputs
from livedance.render.camera import Camera
from tests.unit.broadcast.osc_samples import clock, pose


def config(port: int, **output: object) -> LiveConfig:
    return check({"osc": [{"port": port, **output}]})


def told(sock: socket.socket) -> dict[str, tuple[object, ...]]:
    """Return everything that has arrived so far."""
    said: dict[str, tuple[object, ...]] = {}
    while True:
        try:
            said |= {m.address: m.args for m in osc_codec.decode(sock.recv(65_536))}
        except BlockingIOError:
            return said


def step(outputs: OscOutputs, now_s: float, at: ClockState) -> None:
    outputs.set_clock(at)
    outputs.send_due(now_s, at, Levels(), delay_ms=0.0, freeze=False, state=1, camera="front")


def listening() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.setblocking(False)
    return sock


@pytest.mark.parametrize(("delay_ms", "lead_ms"), [(0.0, 0.0), (40.0, 0.0), (0.0, 30.0)])
def test_a_beat_is_told_when_it_comes_and_not_with_the_next_frame(delay_ms: float, lead_ms: float) -> None:
    with listening() as sock:
        outputs = OscOutputs(config(sock.getsockname()[1], rate_hz=20, delay_ms=delay_ms, lead_ms=lead_ms), 0.0)
        at, now_s, hits = clock(bpm=133.0), 0.0, []
        while now_s < 2.0:
            step(outputs, now_s, at)
            if "/livedance/beat/hit" in told(sock):
                hits.append(now_s + (delay_ms + lead_ms) / 1e3)
            now_s = max(now_s + 1e-4, outputs.next_due_s)
        outputs.close()
    assert hits == pytest.approx([60.0 / 133.0 * n for n in range(1, len(hits) + 1)], abs=2e-4)
    assert len(hits) == 4


def test_joints_are_told_where_the_screen_shows_them() -> None:
    with listening() as sock:
        outputs = OscOutputs(config(sock.getsockname()[1], picture=True), 0.0)
        outputs._outputs[0].player.pose_at = lambda t_s: pose()  # type: ignore[method-assign]
        step(outputs, 1.0, clock())
        said = told(sock)
        outputs.close()
    view = Camera().view(pose(), 1280, 720)
    x, y = view.project(pose().joint_positions_m)[0][0, skeleton.INDEX["head"]]
    assert said["/livedance/dancer/1/2d/head"] == pytest.approx((x / 1280, y / 720, 1.0), abs=1e-5)
    assert said["/livedance/dancer/1/2d/head"][1] < said["/livedance/dancer/1/2d/l_toe"][1]  # type: ignore[operator]
