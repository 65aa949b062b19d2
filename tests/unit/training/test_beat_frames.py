import numpy as np
import pytest

from livedance.beat.activation import BEAT, BUILD, DOWNBEAT, DROP, FIRST_SECTION, N_OUTPUTS, PHRASE, RHYTHM
from livedance.messages import Section
from livedance.training.beat_frames import BEAT_WIDTH_HOPS, FIRST_PHASE, HOP_S, N_TAUGHT, frames
from livedance.training.beat_music.piece import Truth


def truth(**changed) -> Truth:
    beat_s = np.arange(0.5, 29.9, 0.5)
    values = {
        "beat_s": beat_s, "downbeat_s": beat_s[::4], "phrase_s": beat_s[::32], "rhythm": ((0.5, 10.0), (20.0, 30.0)),
        "sections": ((0.0, Section.GROOVE), (10.0, Section.BREAK), (16.0, Section.BUILD), (20.0, Section.DROP)),
        "drop_s": np.array([20.0]), "duration_s": 30.0,
    }  # fmt: skip
    return Truth(**(values | changed))


N_HOPS = round(30.0 / HOP_S)


def at(time_s: float, latency: int = 2) -> int:
    """The hop whose answer is about `time_s`."""
    return int(time_s / HOP_S) + latency


def test_the_answer_comes_the_latency_late_and_is_centred_on_the_exact_time():
    for latency in (0, 2, 3):
        found = frames(truth(), N_HOPS, latency).target[:, BEAT]
        near = slice(at(5.0, latency) - 4, at(5.0, latency) + 5)
        hops = np.arange(N_HOPS)[near]
        centre_s = float((found[near] * (hops + 0.5 - latency) * HOP_S).sum() / found[near].sum())
        assert centre_s == pytest.approx(5.0, abs=1e-3)
        assert found[near].sum() == pytest.approx(BEAT_WIDTH_HOPS, abs=0.1)


def test_beats_downbeats_phrases_and_drops_are_near_one_on_time_and_nothing_elsewhere():
    target = frames(truth(), N_HOPS).target
    for column, yes, no in ((BEAT, 1.0, 1.25), (DOWNBEAT, 2.5, 3.0), (PHRASE, 16.5, 15.5), (DROP, 20.0, 24.0)):
        assert target[at(yes), column] >= 0.7
        assert target[at(no), column] == 0.0


def test_a_drumless_stretch_whose_grid_goes_on_is_not_judged_for_beats_but_has_no_rhythm():
    target, weight = frames(truth(), N_HOPS)
    assert weight[at(15.0), [BEAT, DOWNBEAT, PHRASE]].tolist() == [0.0, 0.0, 0.0]
    assert (target[at(15.0), RHYTHM], weight[at(15.0), RHYTHM]) == (0.0, 1.0)
    assert (target[at(5.0), RHYTHM], weight[at(5.0), BEAT]) == (1.0, 1.0)


def test_noise_without_any_beat_is_judged_as_no_beat():
    none = np.zeros(0)
    target, weight = frames(
        truth(beat_s=none, downbeat_s=none, phrase_s=none, drop_s=none, rhythm=(), sections=()), N_HOPS
    )
    assert target.max() == 0.0
    assert weight[:, :FIRST_SECTION].min() == 1.0
    assert weight[:, FIRST_SECTION:N_OUTPUTS].max() == 0.0


def test_rhythm_is_not_judged_where_nobody_can_know_yet():
    weight = frames(truth(), N_HOPS).weight[:, RHYTHM]
    assert weight[at(10.2)] == 0.0
    assert weight[at(20.2)] == 0.0
    assert weight[at(11.0)] == 1.0
    assert weight[at(21.0)] == 1.0


def test_build_rises_to_one_and_sections_are_one_hot():
    target, weight = frames(truth(), N_HOPS)
    assert target[at(15.9), BUILD] == 0.0
    assert target[at(18.0), BUILD] == pytest.approx(0.5, abs=0.01)
    assert target[at(19.98), BUILD] > 0.98
    assert target[at(25.0), FIRST_SECTION:N_OUTPUTS].tolist() == [0.0, 0.0, 0.0, 0.0, 1.0]
    assert weight[at(20.5), FIRST_SECTION] == 0.0
    assert weight[at(25.0), FIRST_SECTION] == 1.0


def test_music_whose_sections_are_not_known_is_not_judged_for_builds_and_drops():
    weight = frames(truth(sections=(), drop_s=np.zeros(0)), N_HOPS).weight
    assert weight[:, [BUILD, DROP]].max() == 0.0
    assert weight.shape == (N_HOPS, N_TAUGHT)


def test_a_single_beat_and_a_clip_shorter_than_the_latency_do_not_fail():
    one = truth(beat_s=np.array([0.01]), downbeat_s=np.array([0.01]))
    assert frames(one, 1).target.shape == (1, N_TAUGHT)
    assert frames(one, 5).target[:, BEAT].max() > 0.5


def test_phases_turn_once_in_a_beat_and_once_in_a_bar_and_are_known_only_under_rhythm():
    target, weight = frames(truth(), N_HOPS)
    beat, bar = (slice(FIRST_PHASE + i, FIRST_PHASE + i + 2) for i in (0, 2))
    assert target[at(5.0), beat] == pytest.approx([1.0, 0.0], abs=0.1)
    assert target[at(5.25), beat] == pytest.approx([-1.0, 0.0], abs=0.1)
    assert target[at(5.0), bar] == pytest.approx([0.0, 1.0], abs=0.1)
    assert weight[at(5.0), beat].tolist() == [1.0, 1.0]
    assert weight[at(15.0), FIRST_PHASE:].max() == 0.0
    assert weight[at(0.2), FIRST_PHASE:].max() == 0.0
