"""Which octave of the tempo is the beat."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.beat.bar_pointer import Reading
from livedance.beat.decoder import Decoder
from livedance.beat.grid import Grid
from livedance.beat.octave import HEARD, HEARD_AGAIN, Change, OctaveVote, fold, slowed
from livedance.beat.own_tracker import decode
from livedance.messages import Hop
from tests.unit.beat.simulated import HOP_S, Ears, Part, features, simulate

GRID = Grid(beat_s=0.0, period_s=0.5)


def reading(bpm: float, beat_s: float, at_s: float) -> Reading:
    period_s = 60.0 / bpm
    return Reading(period_s, (at_s - beat_s) / period_s % 1.0, 0.9, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("at_s", [10.05, 10.2, 10.3, 10.48])
@pytest.mark.parametrize(("bpm", "beat_s"), [(240.0, 0.0), (60.0, 0.0), (60.0, 0.5), (240.0, 0.25), (244.0, 10.0)])
def test_the_same_beats_in_another_octave_are_folded(bpm: float, beat_s: float, at_s: float) -> None:
    folded = fold(reading(bpm, beat_s, at_s), GRID, at_s)
    assert folded.period_s == pytest.approx(0.5, rel=0.03)
    assert abs((folded.phase - GRID.position(at_s) + 0.5) % 1.0 - 0.5) < 0.03
    assert folded.certainty == 0.9


@pytest.mark.parametrize(("bpm", "beat_s"), [(120.0, 0.0), (180.0, 0.0), (60.0, 0.25), (130.0, 0.1)])
def test_other_beats_are_not_folded(bpm: float, beat_s: float) -> None:
    found = reading(bpm, beat_s, 10.2)
    assert fold(found, GRID, 10.2) == found


def vote(heights: tuple[float, ...], bpm: float, beats: int, *, changed: bool = False) -> tuple[Change | None, int]:
    """Return (change, beats until then) over heights at quarter beats, repeated every two beats."""
    votes = OctaveVote()
    votes.begin(changed=changed)
    for k in range(8 * beats):
        position = k / 8.0
        near = abs(position * 4.0 - round(position * 4.0)) < 0.01
        height = heights[round(position * 4.0) % 8] if near else 0.02
        change = votes.step(position, height, bpm)
        if change is not None:
            return change, int(position)
    return None, beats


def test_faint_beats_between_strong_ones_halve_the_tempo() -> None:
    change, after = vote((0.85, 0.0, 0.05, 0.0, 0.25, 0.0, 0.05, 0.0), 184.0, 40)
    assert change is not None and change.factor == 0.5
    assert 2 * HEARD - 1 <= after <= 2 * HEARD + 2  # beats count from 0


def test_middles_as_strong_as_the_beats_double_it() -> None:
    change, _ = vote((0.8, 0.0, 0.8, 0.0, 0.8, 0.0, 0.75, 0.0), 87.0, 40)
    assert change is not None and change.factor == 2.0


def test_beats_that_are_faint_beside_the_middles_were_the_middles() -> None:
    votes = OctaveVote()
    found = None
    for k in range(400):
        found = votes.step(k / 8.0, 0.85 if k % 8 == 4 else 0.3 if k % 8 == 0 else 0.0, 98.0)
        if found is not None:
            break
    assert found is not None and found.factor == 1.0
    assert found.phase == pytest.approx((k / 8.0 + 0.5) % 1.0)


@pytest.mark.parametrize(("bpm", "slower"), [(184.0, True), (176.0, False), (92.0, False)])
@pytest.mark.parametrize("at_s", [3.0, 3.15, 3.4, 3.6])
def test_a_piece_that_begins_very_fast_is_first_taken_for_eighths_its_first_sound_for_a_beat(bpm, slower, at_s) -> None:
    began_s = 1.0
    given = reading(bpm, began_s, at_s)
    found = slowed(given, at_s, began_s)
    if not slower:
        assert found == given
        return
    assert found.period_s == pytest.approx(120.0 / bpm)
    true = (at_s - began_s) / found.period_s
    assert abs((found.phase - true + 0.5) % 1.0 - 0.5) < 1e-6


@pytest.mark.parametrize(
    ("heights", "bpm"),
    [
        ((0.9, 0.3, 0.3, 0.3, 0.65, 0.3, 0.3, 0.3), 120.0),  # kick and snare are not alike
        ((0.5, 0.0, 0.3, 0.0, 0.15, 0.0, 0.3, 0.0), 120.0),  # nothing is sure
        ((0.9, 0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.0), 100.0),  # 50 BPM is no tempo
        ((0.9, 0.0, 0.9, 0.0, 0.9, 0.0, 0.9, 0.0), 120.0),  # nor is 240
    ],
)
def test_else_the_octave_stays(heights: tuple[float, ...], bpm: float) -> None:
    assert vote(heights, bpm, 60)[0] is None


def test_it_takes_longer_to_change_back() -> None:
    heights = (0.85, 0.0, 0.05, 0.0, 0.2, 0.0, 0.05, 0.0)
    assert vote(heights, 184.0, 60, changed=True)[1] >= 2 * HEARD_AGAIN - 1


def test_after_halving_the_line_lies_on_the_strong_beats() -> None:
    votes = OctaveVote()
    for k in range(400):
        change = votes.step(k / 8.0, 0.9 if k % 16 == 8 else 0.0, 184.0)
        if change is not None:
            break
    assert change is not None and change.factor == 0.5
    assert change.phase == pytest.approx((k / 8.0 - 1.0) / 2.0 % 1.0)


def test_eighths_that_are_heard_faintly_do_not_double_the_tempo_for_long() -> None:
    """A poor ear is drawn to the eighths; the decoder comes back to the beat within seconds and stays there."""
    simulated = simulate([Part(92.0, 60)], seed=2, ears=Ears(missed=0.0, false_peaks=0.0))
    beat_s, state, tempi = simulated.beat_s, Decoder(), []
    middles = beat_s[:-1] + 0.5 * np.diff(beat_s)
    for i, heard in enumerate(simulated.answers):
        about_s = (i - 1.5) * HOP_S
        faint = 0.25 if np.abs(middles - about_s).min() < 0.6 * HOP_S else 0.0
        answer = heard._replace(beat=max(heard.beat, faint))
        t_s = (i + 1) * HOP_S
        tempi.append(
            decode(state, Hop(index=i, t_s=t_s, samples=np.zeros(512, np.float32)), answer, features(t_s)).tempo_bpm
        )
    late = np.array(tempi[round(8.0 / HOP_S) :])
    assert np.mean(np.abs(late / 92.0 - 1.0) < 0.04) > 0.98
