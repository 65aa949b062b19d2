from dataclasses import replace

import numpy as np
import pytest

from livedance.messages import Section
from livedance.training.beat_frames import HOP_S
from livedance.training.beat_retime import RetimeConfig, retimed, varied
from livedance.training.beat_score import peaks
from tests.unit.training.beat_clip import clip


@pytest.mark.parametrize("speed", [0.87, 1.15])
def test_levels_and_truth_are_retimed_together(speed):
    before = clip(bpm=100)
    after = retimed(before, speed)
    assert len(after.levels) == len(after.target) == len(after.weight) == int(len(before.levels) / speed)
    assert np.allclose(np.diff(after.truth.beat_s), 0.6 / speed)
    told = peaks(after.target[:, 0].astype(np.float32), 0.5)
    assert np.allclose(told, after.truth.beat_s[: len(told)], atol=0.002)
    attack = np.flatnonzero(np.diff(after.levels.astype(np.float32).mean(axis=1)) > 0.15) + 1
    nearest = np.abs((attack[:, None] + 0.5) * HOP_S - after.truth.beat_s[None]).min(axis=1)
    assert len(attack) > 10
    assert nearest.max() < 2.0 * HOP_S


def test_all_times_of_the_truth_change():
    before = clip()
    truth = replace(before.truth, drop_s=np.array([6.0]), sections=((0.0, Section.BUILD), (6.0, Section.DROP)))
    after = retimed(replace(before, truth=truth), 1.2).truth
    assert after.drop_s[0] == pytest.approx(5.0)
    assert after.sections[1] == (pytest.approx(5.0), Section.DROP)
    assert after.rhythm[0] == (pytest.approx(0.25), pytest.approx(10.0))
    assert after.duration_s == pytest.approx(10.0)
    assert after.phrase_s[0] == pytest.approx(0.25)


def test_its_own_speed_gives_the_same_clip():
    before = clip()
    after = retimed(before, 1.0)
    assert np.array_equal(after.levels, before.levels)
    assert np.array_equal(after.target, before.target)


def test_a_share_is_heard_at_another_speed_within_bounds_and_the_same_seed_chooses_the_same():
    before = clip(seconds=3.0)

    def lengths():
        hear = varied(RetimeConfig(share=0.5, most=0.1), np.random.default_rng(1))
        return np.array([len(hear(before).levels) for _ in range(200)])

    found = lengths()
    assert 0.3 < np.mean(found != len(before.levels)) < 0.7
    assert found.min() >= int(len(before.levels) / 1.1) - 1
    assert found.max() <= len(before.levels) * 1.1 + 1
    assert np.array_equal(found, lengths())
