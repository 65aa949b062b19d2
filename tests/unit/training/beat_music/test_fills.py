"""Fills change the end of a bar and nothing before it; builds accelerate; phrases are marked where they begin."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.training.beat_music import fills, harmony, staging
from livedance.training.beat_music.feel import Hit
from livedance.training.beat_music.form import Scene
from livedance.training.beat_music.notation import strokes
from livedance.training.beat_music.patterns import Kit, Voice, half_time
from livedance.training.beat_music.patterns import bar as drum_bar
from livedance.training.beat_music.staging import Band

FOUR = Voice(layer="kick", part="kick", strokes=strokes("x...x...x...x..."), length=16, level=1.0)
HATS = Voice(layer="hats", part="hat", strokes=strokes("x.x.x.x.x.x.x.x."), length=16, level=1.0)
KIT = Kit(voices=(FOUR, HATS), answer=(FOUR, HATS), answer_every=4, restless=0.0, steps=4, bar_steps=16)


def test_mute_silences_a_stretch_and_cuts_what_sounds_into_it() -> None:
    hits = [Hit(0.0, 4.0, "pad", 60, 1.0), Hit(2.0, 0.25, "kick", 0, 1.0), Hit(3.0, 0.25, "kick", 0, 1.0)]
    kept = fills.mute(hits, 2.0, 3.0)
    assert [(hit.beat, hit.beats) for hit in kept] == [(0.0, 2.0), (3.0, 0.25)]


def test_a_fill_keeps_the_first_half_of_a_bar_or_all_of_it_and_ends_within_it() -> None:
    rng = np.random.default_rng(0)
    before = drum_bar(KIT, 0, 8.0, {"kick", "hats"}, rng)
    changed = 0
    for _ in range(200):
        after = fills.fill(before, 12.0, 4, rng)
        assert all(8.0 <= hit.beat < 12.0 for hit in after)
        changed += sorted(after) != sorted(before)
    assert changed >= 170


@pytest.mark.parametrize("seed", range(20))
def test_a_build_stays_inside_and_its_roll_gets_faster(seed: int) -> None:
    hits = fills._accelerating(16.0, 32.0, np.random.default_rng(seed))
    starts = np.unique([hit.beat for hit in hits])
    assert starts[0] == 16.0 and starts[-1] < 32.0
    gaps = np.diff(starts)
    assert np.all(np.diff(gaps) < 1e-9)
    assert hits[-1].velocity > hits[0].velocity


def _band(busy: float) -> Band:
    rng = np.random.default_rng(0)
    keys = harmony.draw(rng, modes=("minor",), sevenths=0.0, meter=4)
    return Band(meter=4, kits=(KIT, KIT), harmonies=keys, loops={}, busy=busy)


def test_fills_fall_before_phrase_lines() -> None:
    scene = Scene(role="groove", bars=16, layers=frozenset({"kick", "hats"}))
    plain = [(0.0, "hat"), (0.0, "kick"), (0.5, "hat"), (1.0, "hat"), (1.0, "kick"), (1.5, "hat"), (2.0, "hat")]
    plain += [(2.0, "kick"), (2.5, "hat"), (3.0, "hat"), (3.0, "kick"), (3.5, "hat")]
    filled = np.zeros(16)
    for seed in range(40):
        hits, _ = staging.stage(_band(1.0), (scene, scene), np.random.default_rng(seed))
        for index in range(16):
            at = 4.0 * index
            bar = sorted(
                (h.beat - at, h.part) for h in hits if at <= h.beat < at + 4 and h.part not in ("crash", "riser")
            )
            filled[index] += bar != plain
    assert filled[15] > 25 and filled[7] > 18 and filled[3] > 4
    assert filled[[0, 1, 2, 4, 5, 6]].max() < 6


def test_phrases_count_anew_on_a_drop_and_after_odd_sections() -> None:
    none = frozenset[str]()
    scenes = [
        Scene(role=role, bars=bars, layers=none)
        for role, bars in (("intro", 8), ("break", 4), ("build", 4), ("drop", 16), ("groove", 6), ("groove", 8))
    ]
    assert [start // 4 for start in staging.phrase_starts(scenes, 4)] == [0, 8, 16, 24, 32, 38]
    short = [Scene(role=role, bars=bars, layers=none) for role, bars in (("intro", 8), ("build", 4), ("drop", 8))]
    assert [start // 4 for start in staging.phrase_starts(short, 4)] == [0, 8, 12]


def test_half_time_plays_the_same_hits_twice_as_far_apart() -> None:
    rng = np.random.default_rng(0)
    slow = [hit.beat for i in (0, 1) for hit in drum_bar(half_time(KIT), i, 4.0 * i, {"kick"}, rng)]
    assert slow == [0.0, 2.0, 4.0, 6.0]
