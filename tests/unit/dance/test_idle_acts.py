from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from livedance import rotations
from livedance.dance import idle_acts, idle_tracks, stance
from livedance.dance.idle_acts import Cue
from livedance.dance.idle_repertoire import ACTS


def standing(n: int) -> np.ndarray:
    return np.broadcast_to(stance.pose(), (n, 23, 4)).copy()


def chapters(n: int, seed: int = 1) -> list[Cue]:
    return [cue for number in range(n) for cue in idle_acts.chapter(seed, 0, number)]


def test_never_the_same_act_twice_running() -> None:
    for seed in range(5):
        acts = [cue.act for cue in chapters(100, seed)]
        assert all(a != b for a, b in pairwise(acts))


def test_all_acts_come_about_equally_often() -> None:
    count = Counter(cue.act for cue in chapters(200))
    assert set(count) == set(range(len(ACTS)))
    assert max(count.values()) < 2.5 * min(count.values())


def test_pauses_are_of_different_length_and_no_act_crosses_a_chapter() -> None:
    cues = chapters(50)
    pauses = [b.start_s - a.start_s - a.seconds for a, b in pairwise(cues)]
    assert min(pauses) > 0.99 * idle_acts.PAUSE_LEAST_S
    assert np.std(pauses) > 1.0
    for cue in cues:
        assert cue.start_s // idle_tracks.CHAPTER_S == (cue.start_s + cue.seconds) // idle_tracks.CHAPTER_S
    assert all(cue.start_s % idle_tracks.CHAPTER_S > idle_acts.FIRST_PAUSE_S for cue in cues)


@pytest.mark.parametrize("act", range(len(ACTS)), ids=[act.name for act in ACTS])
@pytest.mark.parametrize("is_mirrored", [False, True])
def test_an_act_begins_and_ends_in_standing_and_moves_smoothly(act: int, is_mirrored: bool) -> None:
    cue = Cue(act, 0.0, 1.0, ACTS[act].hold_s[1], is_mirrored)
    since = np.arange(-0.5, cue.seconds + 0.5, 1.0 / 60.0)
    before = standing(len(since))
    turned = idle_acts._played(before.copy(), since, cue)
    outside = (since <= 0.0) | (since >= cue.seconds)
    assert np.abs(turned[outside] - before[outside]).max() < 1e-9
    assert np.abs(turned - before).max() > 0.1
    assert np.linalg.norm(np.diff(turned, axis=0), axis=-1).max() < 0.05
    assert np.linalg.norm(np.diff(turned, n=2, axis=0), axis=-1).max() < 0.005


@pytest.mark.parametrize("act", range(len(ACTS)), ids=[act.name for act in ACTS])
def test_no_arm_flips_round_whatever_the_posture(act: int) -> None:
    rng = np.random.default_rng(act)
    for is_mirrored in (False, True) * 8:
        cue = Cue(act, 0.0, 1.0, 0.0, is_mirrored)
        since = np.arange(0.0, cue.seconds, 1.0 / 60.0)
        hanging = rotations.multiply(standing(len(since)), rotations.from_rotvec(rng.normal(0.0, 0.12, (23, 3))))
        turned = idle_acts._played(hanging.copy(), since, cue)
        steps = rotations.multiply(rotations.conjugate(turned[:-1]), turned[1:])
        assert np.linalg.norm(rotations.to_rotvec(steps), axis=-1).max() < 0.12


def test_windows_agree_and_seeds_differ() -> None:
    t_s = np.arange(0.0, 20.0, 0.05)
    whole = idle_acts.apply(standing(len(t_s)), t_s, 1, 0)
    parts = [idle_acts.apply(standing(40), t_s[i : i + 40], 1, 0) for i in range(0, 400, 40)]
    assert np.abs(whole - np.concatenate(parts)).max() < 1e-12
    assert np.abs(whole - idle_acts.apply(standing(len(t_s)), t_s, 2, 0)).max() > 0.1
