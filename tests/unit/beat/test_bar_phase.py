"""Which beat is the one."""

from __future__ import annotations

import numpy as np

from livedance.beat.bar_phase import BarPhase, evidence


def play(bars: BarPhase, first: int, n: int, meter: int, one: int, seed: int = 0, missed: float = 0.3) -> list[int]:
    """Let `n` beats pass whose downbeats are `one` + k * `meter`; return the beats that were called downbeats."""
    rng, called = np.random.default_rng(seed), []
    for beat in range(first, first + n):
        if bars.pass_beat(beat):
            called.append(beat)
        is_one = (beat - one) % meter == 0
        seen = is_one != (rng.random() < (missed if is_one else 0.15))
        bars.hear(beat, float(rng.uniform(0.4, 0.8) if seen else rng.uniform(0.01, 0.12)))
    return called


def test_finds_the_one_within_four_bars_and_keeps_it() -> None:
    bars = BarPhase()
    bars.begin(0)
    called = play(bars, 0, 64, 4, 2)
    assert all(beat % 4 == 2 for beat in called if beat > 16)
    assert len([beat for beat in called if beat > 16]) == 12
    assert bars.certainty > 0.9


def test_finds_a_waltz() -> None:
    bars = BarPhase()
    bars.begin(0)
    play(bars, 0, 60, 3, 1)
    assert bars.meter == 3
    assert bars.one % 3 == 1


def test_follows_an_added_half_bar_and_never_counts_back() -> None:
    bars = BarPhase()
    bars.begin(0)
    play(bars, 0, 48, 4, 0)
    index = bars.index
    called = play(bars, 48, 48, 4, 2, seed=5)
    assert all(beat % 4 == 2 for beat in called if beat > 72)
    assert bars.index > index


def test_nothing_heard_keeps_the_bar() -> None:
    bars = BarPhase()
    bars.begin(3)
    for beat in range(3, 60):
        bars.pass_beat(beat)
        bars.hear(beat, 0.05)
    assert (bars.meter, bars.one % 4) == (4, 3)


def test_a_lean_holds_against_a_little_evidence_in_any_metre() -> None:
    for meter in (4, 3):
        held = []
        for lean in (0.0, 4.0):
            bars = BarPhase()
            bars.begin(2, lean)
            bars.hear(5, 0.5)
            bars.hear(6, 0.05)
            held.append(bars.one % 4 == 2)
        assert held == [False, True]
        bars = BarPhase()
        bars.begin(1, 2.0)
        play(bars, 0, 60, meter, 2)
        assert (bars.meter, bars.one % meter) == (meter, 2)


def test_a_phrase_moves_a_young_bar() -> None:
    bars = BarPhase()
    bars.begin(0)
    for beat in range(3):
        bars.pass_beat(beat)
        bars.hear(beat, 0.15)
    bars.hear_phrase(2, 1.0)
    assert bars.one % 4 == 2


def test_skipped_beats_keep_their_places() -> None:
    bars = BarPhase()
    bars.begin(0)
    play(bars, 0, 40, 4, 1)
    for beat in range(40, 56):
        bars.pass_beat(beat)
        bars.skip()
    assert bars.one % 4 == 1
    assert all(beat % 4 == 1 for beat in play(bars, 56, 16, 4, 1, seed=2))


def test_five_beats_to_the_bar_only_confuse() -> None:
    bars = BarPhase()
    bars.begin(0)
    play(bars, 0, 200, 5, 0)
    assert bars.meter in (2, 3, 4)
    assert 0.0 <= bars.phase(200.3) < 1.0


def test_evidence_rises_and_is_bounded() -> None:
    values = [evidence(a) for a in (0.0, 0.1, 0.2, 0.6, 1.0)]
    assert values == sorted(values) and values[0] < 0.0 < values[-1] < 3.0
