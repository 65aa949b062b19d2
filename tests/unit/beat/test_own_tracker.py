"""The glue: any network's answers and any sound give sane estimates; silence forgets, lost audio does not."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livedance.beat.activation import Activation
from livedance.beat.decoder import Decoder
from livedance.beat.own_tracker import DEAF, LivedanceTracker, decode
from livedance.errors import ModelError
from livedance.messages import BeatEstimate, Hop, LockState, Section
from tests.unit.beat.simulated import HOP_S, Ears, Part, features, simulate

QUIET = np.zeros(512, np.float32)
GOOD = Ears(
    false_strength=0.35, missed=0.05, jitter_s=0.004, false_peaks=0.2, downbeat_missed=0.15, downbeat_false=0.08
)


def run(
    answers: list[Activation], state: Decoder | None = None, first: int = 0, db: float = -12.0
) -> list[BeatEstimate]:
    state = state or Decoder()
    estimates = []
    for i, answer in enumerate(answers, first):
        t_s = (i + 1) * HOP_S
        estimates.append(decode(state, Hop(index=i, t_s=t_s, samples=QUIET), answer, features(t_s, db)))
    return estimates


def check_sane(estimates: list[BeatEstimate]) -> None:
    position, bar = -math.inf, 0
    for e in estimates:
        assert 0.0 <= e.confidence <= 1.0
        assert 0.0 <= e.bar_phase < 1.0 and 0 <= e.phrase_bar < 8
        assert math.isfinite(e.tempo_bpm) and 0.0 <= e.build <= 1.0
        assert e.bar_index >= bar
        assert e.is_beat or not e.is_downbeat
        bar = e.bar_index
        if e.beat_position is None:
            continue
        assert math.isfinite(e.beat_position) and e.beat_position >= position
        assert e.next_beat_s is not None and e.t_s < e.next_beat_s < e.t_s + 2.0
        position = e.beat_position


unit = st.floats(0.0, 1.0)
answer = st.builds(
    lambda b, d, r, s, u, p, q: Activation(b, d, r, tuple(x / (sum(s) + 1e-9) for x in s), u, p, q),
    unit, unit, unit, st.tuples(unit, unit, unit, unit, unit), unit, unit, unit,
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(answer, st.integers(1, 60)), min_size=1, max_size=12), st.floats(-120.0, 0.0))
def test_any_answers_give_sane_estimates(stretches: list[tuple[Activation, int]], db: float) -> None:
    check_sane(run([a for a, n in stretches for _ in range(n)], db=db))


@settings(max_examples=8, deadline=None)
@given(st.floats(60.0, 200.0), st.sampled_from([2, 3, 4, 5]), st.integers(0, 1_000))
def test_any_tempo_and_metre_give_sane_estimates_twice_the_same(bpm: float, meter: int, seed: int) -> None:
    answers = simulate([Part(bpm, 14)], seed, meter=meter).answers
    first, second = run(answers), run(answers)
    check_sane(first)
    assert first == second


def test_downbeats_are_those_of_the_music() -> None:
    simulated = simulate([Part(126.0, 96)], seed=1, ears=GOOD)
    found = [e.t_s for e in run(simulated.answers) if e.is_downbeat and 12.0 < e.t_s < simulated.beat_s[-1]]
    true = [t for t in simulated.downbeat_s if t > 12.0]
    assert len(found) >= len(true) - 1
    assert all(min(abs(t - x) for x in simulated.downbeat_s) < 0.07 for t in found)


def test_a_piece_that_begins_after_quiet_begins_with_a_one() -> None:
    ears = Ears(missed=0.0, false_peaks=0.0, downbeat_missed=1.0, downbeat_false=0.0)
    for seed in range(4):
        simulated = simulate([Part(120.0, 16)], seed=seed, ears=ears, start_s=3.0 + 0.1 * seed)
        state, ones = Decoder(), []
        for i, heard in enumerate(simulated.answers):
            t_s = (i + 1) * HOP_S
            db = -12.0 if t_s > simulated.beat_s[0] else -58.0
            estimate = decode(state, Hop(index=i, t_s=t_s, samples=QUIET), heard, features(t_s, db))
            ones += [t_s] if estimate.is_downbeat and t_s < simulated.beat_s[-1] + 0.1 else []
        gaps = np.abs(np.array(ones)[:, None] - simulated.downbeat_s[None]).min(axis=1)
        assert len(ones) >= 2
        assert gaps.max() < 0.1


def test_another_model_can_be_given_and_is_checked(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        LivedanceTracker(tmp_path)


def test_a_drop_is_called_within_its_first_beat() -> None:
    parts = [
        Part(128.0, 64),
        Part(128.0, 32, has_rhythm=False, section=Section.BREAK),
        Part(128.0, 32, has_rhythm=False, section=Section.BUILD),
        Part(128.0, 48, section=Section.DROP),
    ]
    simulated = simulate(parts, seed=3, ears=GOOD)
    estimates = run(simulated.answers)
    calls = [b.t_s for a, b in pairwise(estimates) if b.section == Section.DROP != a.section]
    assert len(calls) == 1
    assert -0.1 < calls[0] - simulated.drop_s[0] < 60.0 / 128.0
    before = max(e.build for e in estimates if simulated.drop_s[0] - 1.0 < e.t_s < simulated.drop_s[0])
    assert before > 0.8


def test_lost_audio_is_counted_through() -> None:
    simulated = simulate([Part(120.0, 80)], seed=2, ears=GOOD)
    for i in range(1_500, 1_500 + 172):
        simulated.answers[i] = DEAF
    estimates = run(simulated.answers)
    positions = [e.beat_position or 0.0 for e in estimates[1_400:1_800]]
    assert np.abs(np.diff(positions) - HOP_S * 2.0).max() < 0.01
    assert estimates[1_660].confidence < 0.15 < 0.5 < estimates[1_900].confidence


def test_after_silence_another_tune_is_locked_to_at_once_and_the_count_goes_on() -> None:
    first, second = (simulate([Part(bpm, 30)], seed=5, ears=GOOD) for bpm in (140.0, 97.0))
    state = Decoder()
    heard = run(first.answers, state)
    silent = run([DEAF] * 300, state, first=len(heard), db=-120.0)
    assert silent[-1].confidence == 0.0
    again = run(second.answers, state, first=len(heard) + len(silent))
    check_sane(heard + silent + again)
    seated = next(i for i, e in enumerate(again) if e.confidence > 0.3 and abs(e.tempo_bpm - 97.0) < 4.0)
    assert seated * HOP_S < second.beat_s[0] + 2.2


def test_the_clock_jumps_with_a_sure_tracker() -> None:
    from livedance.beat.beat_clock import BeatClock

    parts = [Part(124.0, 40), Part(97.0, 30, gap_beats=0.4)]
    simulated = simulate(parts, seed=1, ears=GOOD)
    clock = BeatClock.initial()
    state = Decoder()
    late = []
    for i, heard in enumerate(simulated.answers):
        t_s = (i + 1) * HOP_S
        estimate = decode(state, Hop(index=i, t_s=t_s, samples=QUIET), heard, features(t_s))
        clock = clock.step(estimate, features(t_s))
        if estimate.confidence > 0.4 and estimate.beat_position is not None:
            gap = (estimate.beat_position - clock.state.position_at(t_s) + 0.5) % 1.0 - 0.5
            late.append(abs(gap) > 0.1)
    assert clock.mode == LockState.LOCKED
    assert sum(late) * HOP_S < 0.9


@pytest.mark.parametrize("seed", range(2))
def test_no_answer_is_read_from_the_future(seed: int) -> None:
    answers = simulate([Part(133.0, 30)], seed).answers
    other = answers[:500] + [DEAF] * (len(answers) - 500)
    assert run(answers)[:500] == run(other)[:500]


def test_a_long_speech_after_music_gets_no_beats() -> None:
    music = simulate([Part(120.0, 30)], seed=5, ears=GOOD)
    decoder = Decoder()
    heard = run(music.answers, decoder)
    talk = run([DEAF] * round(45.0 / HOP_S), decoder, first=len(heard))
    assert any(e.is_beat for e in talk[: round(20.0 / HOP_S)])
    assert not any(e.is_beat for e in talk[-round(4.0 / HOP_S) :])
    assert max(e.confidence for e in talk[200:]) < 0.01
