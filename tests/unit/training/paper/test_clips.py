import tomllib

import numpy as np
import pytest

from livedance.dance.conditions import STYLES
from livedance.dance.library import MotionLibrary
from livedance.paths import model_dir
from livedance.training.dance import tracks
from livedance.training.paper import camera, clips


@pytest.fixture(scope="module")
def some() -> clips.Clips:
    return clips.training(clips.DataConfig(clips=40))


@pytest.fixture(scope="module")
def held_out() -> clips.Clips:
    return clips.held_out()


def test_training_and_held_out_takes_are_apart(some, held_out):
    given = tomllib.loads((model_dir("motion_library") / "splits.toml").read_text())
    assert set(held_out.take) <= set(given["held_out"]["clips"])
    assert len(set(held_out.take)) >= 4
    chosen = tracks.chosen()
    assert all(chosen[name] is False for name in some.take)
    assert all(chosen[name] for name in clips.validation(clips.DataConfig()).take)


def test_clips_have_the_papers_shape_and_stay_in_the_picture(some, held_out):
    for found in (some, held_out):
        assert found.poses.shape[1:] == (50, 36)
        assert found.audio.shape[1:] == (50, 1600)
        assert np.abs(found.poses).max() < 1.0
        assert all(((b >= 0.0) & (b < 5.0)).all() and 5 <= len(b) <= 16 for b in found.beats_s)
    assert (some.style == [STYLES.index(MotionLibrary.shipped().clip(n).style) for n in some.take]).all()


def test_a_held_out_clip_is_the_take_and_then_its_mirror_image(held_out):
    take = MotionLibrary.shipped().clip(held_out.take[0])
    assert np.allclose(held_out.poses[0], clips.picture_of(take)[:150:3], atol=1e-6)
    assert np.allclose(held_out.poses[1], camera.mirrored(held_out.poses[0]), atol=1e-6)
    assert np.allclose(held_out.beats_s[0][:3], take.beat_times_s[take.beat_times_s >= 0.0][:3], atol=0.8)
    inside = take.beat_times_s[(take.beat_times_s >= 0.0) & (take.beat_times_s < 5.0)]
    assert set(np.round(inside, 9)) <= set(np.round(held_out.beats_s[0], 9))


def test_the_same_seed_cuts_the_same_clips(some):
    again = clips.training(clips.DataConfig(clips=3))
    assert np.array_equal(again.poses, some.poses[:3])
    assert np.array_equal(again.audio, some.audio[:3])
