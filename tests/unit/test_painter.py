"""The painter between a stage (played by the test) and nobody: when its pictures are for, and what it reports."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from livedance import config as configs
from livedance import show as shows
from livedance.broadcast import wire
from livedance.link import Link, LinkServer
from livedance.messages import Controls
from livedance.painter import Painter
from livedance.state import StageState
from tests.unit.waiting import until


class Rig:
    """A painter, and the stage's end of its link."""

    def __init__(self) -> None:
        live = {"web": {"image_size": [64, 36]}, "look": {"name": "none", "background": "black"}}
        self.show = shows.create(configs.check(live), 1)
        self._links = LinkServer(self.show.address, self.show.secret)
        self.painter = Painter(self.show, None)  # type: ignore[arg-type]  # a frame asks no life
        self.peer: Link = until(self._peer)

    def _peer(self) -> Link | None:
        self.painter._frame()
        self._links.accept()
        return self._links.peers.get("painter")

    def say(self, **delay_ms: float) -> None:
        self.peer.send_json(StageState(controls=Controls(delay_ms=delay_ms)).to_json())

    def lead_s(self) -> float:
        """Paint; return how far ahead the picture is, beyond the work that it takes."""
        self.peer.recv()
        before_s = self.show.clock.now()
        self.painter._frame()
        took_s = self.show.clock.now() - before_s
        (image,) = [m for m in map(wire.decode, self._binary()) if isinstance(m, wire.Image)]
        assert self.painter._feed.player.delay_s <= image.t_s - before_s <= took_s + self.painter._feed.player.delay_s
        return self.painter._feed.player.delay_s - self.painter._work_s

    def _binary(self) -> list[bytes]:
        return [m for m in self.peer.recv() if m[:1] != b"{"]

    def reports(self) -> list[dict[str, Any]]:
        return [r for r in map(json.loads, (m for m in self.peer.recv() if m[:1] == b"{")) if r["type"] == "report"]

    def close(self) -> None:
        self.painter._feed.close()
        self._links.close()


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = Rig()
    yield made
    made.close()


def test_pictures_are_ahead_by_the_delay_of_the_pages(rig: Rig) -> None:
    assert abs(rig.lead_s()) < 0.5
    rig.say(web=5000.0, window=90_000.0)
    until(lambda: 4.5 < rig.lead_s() < 5.5)
    rig.say(**{"*": 2000.0, "web": 5000.0})
    until(lambda: 6.5 < rig.lead_s() < 7.5)


def test_it_reports_whether_flashes_were_tamed(rig: Rig) -> None:
    rig.painter._report_s = -10.0
    rig.painter._frame()
    (report,) = rig.reports()
    assert report["stats"]["flash"] is False and "frame_ms_p50" in report["stats"]
