"""What the suite is made of; nothing is rendered here but sounds without a beat."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from livedance.evaluation import beat_anchors, beat_rendered, beat_suite
from livedance.evaluation.beat_scores import score
from tests.unit.evaluation.beat_cases import steady, truth


def test_every_kind_has_its_share_of_items_with_names_of_their_own() -> None:
    items = beat_suite.synthetic(2, seed=3)
    kinds = [item.category for item in items]
    assert {kind: kinds.count(kind) for kind in kinds} == {k: 2 * n for k, n in beat_suite.KINDS.items()}
    assert len({item.name for item in items}) == len(items)


def test_items_are_made_from_held_out_seeds_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scipy")
    from livedance.training.beat_music import banks, dataset

    asked = []

    def example(seed: int, split: str, kind: str, seconds: float, *, places: object) -> object:
        asked.append((seed, split, kind))
        assert banks.split_of(seed) == "held-out"
        return np.zeros(4_410, np.float32), truth(steady(seconds=10.0))

    monkeypatch.setattr(dataset, "example", example)
    items = beat_suite.synthetic(1, seed=0, cache=tmp_path) + beat_suite.synthetic(1, seed=1, cache=tmp_path)
    for item in [*items, *items]:
        heard = item.load()
        assert len(heard.audio) == 4_410 and len(heard.truth.beat_s) == len(steady(seconds=10.0))
    assert len(asked) == len(set(asked)) == len(items)


def test_the_cache_knows_the_code_it_was_made_by() -> None:
    assert beat_rendered.version() == beat_rendered.version() and len(beat_rendered.version()) == 12


@pytest.mark.parametrize("kind", ["silence", "pink", "ambient"])
def test_sounds_without_a_beat(kind: str) -> None:
    heard, again, other = (beat_suite.beatless(kind, seed, 3.0) for seed in (1, 1, 2))
    assert np.array_equal(heard.audio, again.audio) and heard.audio.dtype == np.float32
    assert len(heard.truth.beat_s) == 0 and heard.truth.category == kind
    peak = np.abs(heard.audio).max()
    assert peak == 0.0 if kind == "silence" else peak == pytest.approx(0.3, abs=0.01)
    assert kind == "silence" or not np.array_equal(heard.audio, other.audio)


def test_anchors_lie_where_they_should() -> None:
    pytest.importorskip("mir_eval")
    beats = steady(seconds=60.0)
    known = truth(beats)
    chance = [score(beat_anchors.chance(known, str(k)), known) for k in range(40)]
    assert np.mean([s.lock for s in chance]) == pytest.approx(0.2, abs=0.15)  # 100 of 500 ms
    assert score(beat_anchors.metronome(known), known).lock == 1.0
    faster = np.concatenate([steady(seconds=20.0), steady(bpm=130.0, seconds=60.0, first_s=20.25)])
    assert score(beat_anchors.metronome(truth(faster)), truth(faster)).lock < 0.5
    assert beat_anchors.takes(beat_suite.without_beats("silence", 30.0), "x") == ()
