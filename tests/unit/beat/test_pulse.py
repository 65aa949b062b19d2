"""The beat line, over what a poor network says of simulated pieces."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.beat.decoder import LATENCY_S, Decoder
from livedance.beat.own_tracker import decode
from livedance.messages import Hop
from tests.unit.beat.simulated import F64, HOP_S, Ears, Part, Simulated, features, scenario, simulate

GOOD = Ears(false_strength=0.35, missed=0.08, jitter_s=0.005, false_peaks=0.25)


def track(simulated: Simulated) -> F64:
    """Return (T, 5): time, position (-1 before the lock), beats/s, confidence, is_beat."""
    state, rows = Decoder(), []
    quiet = np.zeros(512, np.float32)
    for i, answer in enumerate(simulated.answers):
        t_s = (i + 1) * HOP_S
        e = decode(state, Hop(index=i, t_s=t_s, samples=quiet), answer, features(t_s))
        rows.append(
            (t_s, -1.0 if e.beat_position is None else e.beat_position, e.tempo_bpm / 60, e.confidence, e.is_beat)
        )
    return np.array(rows)


def errors(simulated: Simulated, rows: F64) -> tuple[F64, F64]:
    """Return per true beat the phase error in seconds (ahead is positive) and the tempo against the true one."""
    beats = simulated.beat_s[simulated.beat_s < rows[-1, 0] - 0.05]
    periods = np.gradient(beats)
    position = np.interp(beats, rows[:, 0], rows[:, 1])
    rate = np.interp(beats, rows[:, 0], rows[:, 2])
    return ((position + 0.5) % 1.0 - 0.5) * periods, rate * periods


def locked(simulated: Simulated, rows: F64) -> F64:
    off, tempo = errors(simulated, rows)
    known = np.interp(simulated.beat_s[: len(off)], rows[:, 0], rows[:, 1]) >= 0
    return (np.abs(off) < 0.05) & (np.abs(tempo - 1.0) < 0.04) & known


@pytest.mark.parametrize("bpm", [72.0, 100.0, 128.0, 174.0])
def test_steady_music_is_locked_within_two_seconds_and_kept(bpm: float) -> None:
    simulated = simulate([Part(bpm, int(bpm / 3))], seed=4, ears=GOOD)
    rows = track(simulated)
    is_locked = locked(simulated, rows)
    late = simulated.beat_s[: len(is_locked)] > simulated.beat_s[0] + max(2.0, 3.2 * 60 / bpm)
    assert is_locked[late].all()
    off, _ = errors(simulated, rows)
    assert np.median(np.abs(off[late])) < 0.006
    assert abs(np.mean(off[late])) < 0.003


@pytest.mark.parametrize("seed", range(3))
def test_positions_never_decrease_and_beats_are_integers_passed(seed: int) -> None:
    rows = track(simulate(scenario("cut", seed), seed))
    known = rows[:, 1] >= 0
    assert (np.diff(rows[known, 1]) >= 0).all()
    passed = np.diff(np.floor(rows[known, 1]))
    assert passed.max() <= 1.0
    assert (rows[known, 4][1:] == passed).all()


@pytest.mark.parametrize("up", [1.08, 0.92])
@pytest.mark.parametrize("seconds", [4.0, 10.0])
def test_pitch_fader_rides_are_followed(up: float, seconds: float) -> None:
    parts = [Part(126.0, 40), Part(126.0, int(2.1 * seconds), 126.0 * up), Part(126.0 * up, 24)]
    simulated = simulate(parts, seed=2, ears=GOOD)
    is_locked = locked(simulated, track(simulated))
    assert is_locked[8:].mean() > 0.93


def test_a_cut_is_followed_within_two_and_a_half_seconds() -> None:
    late = []
    for seed in range(4):
        parts = [Part(124.0 + 7 * seed, 40), Part(98.0 + 11 * seed, 30, gap_beats=0.3 + 0.1 * seed)]
        simulated = simulate(parts, seed=seed, ears=GOOD)
        is_locked = locked(simulated, track(simulated))
        after = np.flatnonzero(simulated.beat_s[: len(is_locked)] >= simulated.part_s[1])
        first = next(i for i in after if is_locked[i : i + 4].all())
        late.append(simulated.beat_s[first] - simulated.part_s[1])
    assert np.mean(late) < 2.5


def test_free_wheel_drifts_less_than_twenty_milliseconds_in_eight_seconds() -> None:
    drifts, firsts = [], []
    for seed in range(3):
        bpm = 96.0 + 27 * seed
        silent = round(8.0 * bpm / 60)
        parts = [Part(bpm, 40), Part(bpm, silent, has_rhythm=False), Part(bpm, 8)]
        simulated = simulate(parts, seed=seed, ears=GOOD)
        rows = track(simulated)
        off, _ = errors(simulated, rows)
        drifts.append(abs(off[40 + silent - 1]))
        firsts.append(locked(simulated, rows)[40 + silent : 44 + silent].all())
    assert max(drifts) < 0.02
    assert all(firsts)


def test_half_of_the_beats_being_loud_does_not_halve_a_known_tempo() -> None:
    whole = simulate([Part(150.0, 60)], seed=1, ears=GOOD)
    for i, answer in enumerate(whole.answers):
        count = np.searchsorted(whole.beat_s, (i - 1.5) * HOP_S + 0.03)
        if i > 1_000 and count % 2:
            whole.answers[i] = answer._replace(beat=0.6 * answer.beat)
    is_locked = locked(whole, track(whole))
    assert is_locked[8:].mean() > 0.95


@pytest.mark.parametrize("meter", [3, 5])
def test_odd_bars_are_no_trouble(meter: int) -> None:
    simulated = simulate([Part(132.0, 60)], seed=6, ears=GOOD, meter=meter)
    assert locked(simulated, track(simulated))[10:].all()


def test_no_rhythm_gives_no_beat() -> None:
    simulated = simulate([Part(120.0, 40, has_rhythm=False)], seed=3)
    rows = track(simulated)
    assert rows[:, 3].max() < 0.3
    assert (rows[:, 1] < 0).all()


def test_lateness_of_the_network_is_compensated() -> None:
    assert LATENCY_S > 0.01
    simulated = simulate([Part(120.0, 60)], seed=9, ears=Ears(missed=0.0, jitter_s=0.0, false_peaks=0.0))
    off, _ = errors(simulated, track(simulated))
    assert np.abs(off[8:]).max() < 0.002
