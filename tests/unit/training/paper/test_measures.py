import numpy as np
import pytest

from livedance.training.paper import clips, measures


@pytest.fixture(scope="module")
def real() -> clips.Clips:
    return clips.held_out()


def test_the_frechet_distance_of_normal_numbers_is_known():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(20_000, 3))
    b = 2.0 * rng.normal(size=(20_000, 3)) + np.array([3.0, 0.0, 0.0])
    assert measures.frechet(a, a) == pytest.approx(0.0, abs=1e-9)
    assert measures.frechet(a, b) == pytest.approx(9.0 + 3.0, rel=0.03)  # means apart, and (2 - 1)^2 of each


def test_what_was_made_is_further_than_what_is_real():
    rng = np.random.default_rng(1)
    features = rng.normal(size=(100, 4))
    near, far = (measures.pose_distance(features + shift, features)[0] for shift in (0.0, 2.0))
    assert near < 1.0 < 15.0 < far


def test_stops_on_the_beat_score_and_the_same_half_a_beat_later_does_not():
    t = np.arange(50) / 10.0
    swing = 0.3 * np.cos(np.pi * t / 0.6)  # stands still every 0.6 s
    poses = np.repeat(swing[None, :, None], 36, axis=2)
    beats = np.arange(0.0, 5.0, 0.6)
    on, off = measures.on_beat(poses, [beats]), measures.on_beat(poses, [beats + 0.3])
    assert on.score > 0.9
    assert on.lift > 0.7
    assert off.score < 0.2
    assert off.lift < -0.2
    still = measures.on_beat(np.zeros((1, 50, 36)), [beats])
    assert np.isnan(still.lift)


def test_dance_of_the_library_keeps_its_own_beats(real):
    every = slice(0, None, 6)
    found = measures.on_beat(real.poses[every], real.beats_s[every])
    assert found.lift > 0.25


def test_own_music_is_found_and_what_is_all_the_same_finds_none():
    rng = np.random.default_rng(2)
    seen = rng.normal(size=(60, 8))
    seen /= np.linalg.norm(seen, axis=1, keepdims=True)
    assert measures.retrieved(seen, seen, 1) == 1.0
    assert measures.retrieved(seen, np.roll(seen, 1, axis=0), 1) < 0.1
    assert measures.retrieved(np.ones((60, 8)), np.ones((60, 8)), 5) == 0.0


def test_real_is_told_from_trembling_and_not_from_its_mirror_image(real):
    learn, test = measures.halves(real)
    assert not set(learn) & set(test)
    for name in set(real.take):
        ends = [real.start_s[i] + clips.SECONDS for i in learn if real.take[i] == name]
        starts = [real.start_s[i] for i in test if real.take[i] == name]
        assert max(ends) <= min(starts)
    rng = np.random.default_rng(3)
    trembling = real.poses + 0.02 * rng.standard_normal(real.poses.shape)
    assert measures.told_apart(trembling, real.poses, learn, test) > 0.95
    twins = np.arange(len(real)) ^ 1  # each clip and its mirror image lie side by side
    assert measures.told_apart(real.poses[twins], real.poses, learn, test) == pytest.approx(0.5)


def test_spread_and_jerk():
    assert measures.apart(np.array([[0.0, 0.0], [3.0, 4.0]])) == pytest.approx(5.0)
    cubic = (np.arange(50.0) ** 3)[None, :, None]
    assert measures.jerk(cubic) == pytest.approx(6.0)
