"""The forward filter over tempo and phase: finds, follows, free-wheels, catches cuts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from livedance.beat.bar_pointer import HOP_S, INTERVALS, BarPointer, Reading, evidence


def clicks(period_s: float, n_hops: int, first_s: float = 0.2) -> list[float]:
    """A perfect activation: a triangle around each beat, as the network is taught."""
    moments = (np.arange(n_hops) + 0.5) * HOP_S
    away = np.abs((moments - first_s + 0.5 * period_s) % period_s - 0.5 * period_s) / (2.0 * HOP_S)
    return list(0.02 + 0.9 * np.maximum(0.0, 1.0 - away))


def hear(pointer: BarPointer, activation: list[float], *, is_frozen: bool = False) -> Reading:
    for value in activation:
        pointer.step(value, is_frozen=is_frozen)
    return pointer.read()


def off(reading: Reading, period_s: float, n_hops: int, first_s: float = 0.2) -> float:
    """Seconds by which the reading is ahead of the truth."""
    true = ((n_hops - 0.5) * HOP_S - first_s) / period_s
    return ((reading.phase - true + 0.5) % 1.0 - 0.5) * period_s


@pytest.mark.parametrize("bpm", [61.0, 87.0, 120.0, 128.0, 174.0, 198.0])
def test_finds_tempo_and_phase(bpm: float) -> None:
    n = int(5.0 / HOP_S)
    found = hear(BarPointer(), clicks(60.0 / bpm, n))
    assert found.period_s == pytest.approx(60.0 / bpm, rel=0.012)
    assert abs(off(found, 60.0 / bpm, n)) < 0.015
    assert found.certainty > 0.8


def test_knows_little_after_one_beat_and_much_after_four() -> None:
    pointer = BarPointer()
    early = hear(pointer, clicks(0.5, int(0.45 / HOP_S)))
    late = hear(pointer, clicks(0.5, int(2.0 / HOP_S), first_s=0.2 - int(0.45 / HOP_S) * HOP_S))
    assert early.certainty < 0.3 < 0.6 < late.certainty


def test_a_cut_is_caught_within_two_seconds() -> None:
    pointer = BarPointer()
    hear(pointer, clicks(60.0 / 124.0, int(20.0 / HOP_S)))
    n = int(2.0 / HOP_S)
    found = hear(pointer, clicks(60.0 / 96.0, n, first_s=0.31))
    assert found.period_s == pytest.approx(60.0 / 96.0, rel=0.03)
    assert abs(off(found, 60.0 / 96.0, n, first_s=0.31)) < 0.05


def test_free_wheels_while_frozen() -> None:
    pointer, period_s = BarPointer(), 0.5
    n = int(10.0 / HOP_S)
    before = hear(pointer, clicks(period_s, n))
    gap = int(2.0 / HOP_S)
    noise = list(np.random.default_rng(1).random(gap))
    after = hear(pointer, noise, is_frozen=True)
    assert after.period_s == pytest.approx(before.period_s, rel=1e-3)
    assert abs(off(after, period_s, n + gap)) < 0.06
    assert abs(after.certainty - before.certainty) < 0.4


def test_seat_says_where_it_is() -> None:
    pointer = BarPointer()
    pointer.seat(0.5, 0.3, 0.02, 0.05)
    found = pointer.read()
    assert found.period_s == pytest.approx(0.5, rel=0.01)
    assert found.phase == pytest.approx(0.3, abs=0.02)
    assert found.certainty > 0.8


def test_names_its_rivals() -> None:
    """Beats at 120 with every second one strong: half the tempo is in the running, off-beats are not."""
    n = int(6.0 / HOP_S)
    strong, weak = clicks(1.0, n), [0.35 * a for a in clicks(1.0, n, first_s=0.7)]
    found = hear(BarPointer(), [max(a, b) for a, b in zip(strong, weak, strict=True)])
    assert 0.0 <= found.off_beat < 0.1
    assert found.half + found.double > 1e-6


def test_belief_stays_a_distribution_whatever_is_heard() -> None:
    rng, pointer = np.random.default_rng(3), BarPointer()
    for i in range(2_000):
        pointer.step(float(rng.choice([0.0, 1.0, rng.random()])), is_frozen=bool(i // 200 % 2))
        found = pointer.read()
        assert all(math.isfinite(x) for x in found)
        assert 0.0 <= found.certainty <= 1.0 + 1e-9
        assert 0.0 <= found.phase < 1.0


def test_evidence_is_bounded_and_rises() -> None:
    values = [evidence(a) for a in (0.0, 0.02, 0.1, 0.5, 1.0)]
    assert values == sorted(values)
    assert -2.1 < values[0] < 0.0 < values[-1] < 4.0


def test_tempi_reach_from_sixty_to_two_hundred() -> None:
    bpm = 120.0 / (INTERVALS * HOP_S)
    assert bpm[0] >= 200.0 and bpm[-1] <= 60.0
    assert (INTERVALS[1:] / INTERVALS[:-1]).max() < 1.021


@pytest.mark.parametrize("activation", [clicks(0.5, 20_000), [0.0] * 20_000, [1.0] * 20_000], ids=["clicks", "0", "1"])
def test_belief_keeps_its_scale_however_long_nobody_reads_it(activation: list[float]) -> None:
    pointer = BarPointer()
    hear(pointer, activation)
    found = hear(pointer, clicks(0.5, int(8.0 / HOP_S)))
    assert found.period_s == pytest.approx(0.5, rel=0.012)
    assert found.certainty > 0.8
