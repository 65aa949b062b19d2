"""Adapters: fed in hops, heard in order, timed; a peer in another interpreter says the same as one here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from livedance import registry
from livedance.errors import ConfigError, FileError
from livedance.evaluation.beat_hearing import blocks
from livedance.evaluation.beat_kept import KeptPeer
from livedance.evaluation.beat_peers import BARE, RegistryPeer
from livedance.evaluation.beat_process import ProcessPeer, hosted
from livedance.evaluation.beat_take import Cost, Take
from livedance.evaluation.clicks import click_track
from livedance.evaluation.exact_tracker import exact_beats

HOST = """
import json, sys
n = 0
while len(data := sys.stdin.buffer.read(2048)) == 2048:
    n += 1
    if n % 50 == 0:
        print(json.dumps({"claimed_s": n * 512 / 44100, "announced_s": n * 512 / 44100}))
print(json.dumps({"cpu_s": 0.5, "worst_ms": n, "worst_cpu_ms": 2 * n}))
"""


@pytest.fixture
def exact() -> Iterator[tuple[np.ndarray, np.ndarray, str]]:
    audio, beats = click_track(120.0, 12.0)
    with exact_beats(beats) as name:
        yield audio, beats, name


def test_blocks_are_hops_in_order() -> None:
    found = list(blocks(np.arange(1300, dtype=np.float32)))
    assert [len(samples) for _, samples in found] == [512, 512] and found[1][1][0] == 512
    assert found[1][0] == pytest.approx(1024 / 44_100)


def test_a_tracker_is_heard_through_the_clock_and_bare(exact: tuple[np.ndarray, np.ndarray, str]) -> None:
    audio, beats, name = exact
    shown, bare = RegistryPeer(name).listen(audio)
    assert (shown.tracker, bare.tracker) == (name, name + BARE)
    for take in (shown, bare):
        late = [np.min(np.abs(take.beat_s - beat)) for beat in beats[(beats > 2.0) & (beats < 11.0)]]
        assert max(late) < 0.002
        position, rate = take.position_at(beats[5:15])
        assert np.abs((position + 0.5) % 1.0 - 0.5) == pytest.approx(np.zeros(10), abs=0.01)
        assert 60.0 * rate == pytest.approx(np.full(10, 120.0), rel=0.01)
        assert take.cost.cpu_s > 0.0 and take.cost.worst_ms > 0.0
    assert set(np.round(bare.downbeat_s, 2)) <= set(np.round(beats[::4], 2))


def test_the_registry_is_as_before(exact: tuple[np.ndarray, np.ndarray, str]) -> None:
    before = dict(registry.REGISTRY["tracker"])
    RegistryPeer(exact[2]).listen(exact[0][:20_000])
    assert registry.REGISTRY["tracker"] == before


def test_an_unknown_tracker_is_refused() -> None:
    with pytest.raises(ConfigError, match="nobody"):
        RegistryPeer("nobody")


def test_a_peer_in_another_interpreter_hears_every_hop(tmp_path: Path) -> None:
    (tmp_path / "host.py").write_text(HOST)
    peer = ProcessPeer("other", [sys.executable, str(tmp_path / "host.py")])
    (take,) = peer.listen(np.zeros(512 * 120 + 100, np.float32))
    assert take.beat_s == pytest.approx([50 * 512 / 44_100, 100 * 512 / 44_100])
    assert take.cost == Cost(cpu_s=0.5, worst_ms=120, worst_cpu_ms=240) and take.downbeat_s is None


def test_a_peer_that_fails_is_named_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "host.py").write_text("raise SystemExit('no model')")
    with pytest.raises(FileError, match=r"other.*no model"):
        ProcessPeer("other", [sys.executable, str(tmp_path / "host.py")]).listen(np.zeros(512, np.float32))


def test_a_kept_take_is_the_take(exact: tuple[np.ndarray, np.ndarray, str], tmp_path: Path) -> None:
    audio, _, name = exact
    heard = []

    class Once(RegistryPeer):
        def listen(self, audio: np.ndarray) -> tuple[Take, ...]:
            heard.append(len(audio))
            return super().listen(audio)

    peer = KeptPeer(Once(name), tmp_path)
    first, again = peer.listen(audio), peer.listen(audio)
    assert len(heard) == 1 and len(first) == len(again) == 2
    for a, b in zip(first, again, strict=True):
        assert (a.tracker, a.cost) == (b.tracker, b.cost)
        assert np.array_equal(a.position, b.position, equal_nan=True) and np.array_equal(a.section, b.section)
    peer.listen(audio[:-512])
    assert len(heard) == 2


def test_peers_that_cannot_be_imported_are_left_out(tmp_path: Path) -> None:
    assert hosted(Path(sys.executable), ["no such peer"]) == []
    with pytest.raises(FileError, match="cannot be run"):
        hosted(tmp_path / "python")


def test_aubio_announces_no_beat_before_it_was_heard() -> None:
    pytest.importorskip("aubio")
    from livedance.evaluation.beat_aubio import AubioPeer

    audio, _ = click_track(124.0, 12.0)
    peer = AubioPeer("complex", 2048)
    (whole,), (part,) = peer.listen(audio), peer.listen(audio[: 512 * 700])
    assert len(whole.beat_s) > 5 and len(part.beat_s)
    assert whole.t_s[: len(part.t_s)] == pytest.approx(part.t_s)
    assert (whole.beat_s >= whole.t_s - 1e-9).all()
