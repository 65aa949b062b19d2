"""The motion library that ships: complete, well-formed, and what a damaged one says."""

import shutil
import tomllib

import numpy as np
import pytest

from livedance import paths, skeleton
from livedance.dance import beat_samples, library, marks
from livedance.dance.library import MotionLibrary
from livedance.errors import ModelError


@pytest.fixture(scope="module")
def shipped():
    return MotionLibrary.load()


def test_every_clip_of_the_data_is_there_with_its_terms(shipped):
    assert len(shipped.clips) == 88
    assert sum(c.duration_s for c in shipped.clips) > 30 * 60
    assert {c.licence for c in shipped.clips} and all(c.source and c.licence for c in shipped.clips)
    assert not any("NC" in c.licence for c in shipped.clips)
    manifest = tomllib.loads((paths.model_dir(library.NAME) / library.MANIFEST).read_text(encoding="utf-8"))
    assert any("may not be resold" in line for line in manifest["terms"])
    assert all(entry["attribution"] for entry in manifest["clip"] if "CC0" not in entry["licence"])


def test_each_style_can_dance_for_a_minute(shipped):
    assert {"club", "groove", "hype", "salsa", "break"} <= set(shipped.styles)
    for style in shipped.styles:
        assert sum(c.duration_s for c in shipped.clips if c.style == style) > 60, style


def test_clips_are_well_formed(shipped):
    for c in shipped.clips:
        assert np.isfinite(c.root_position_m).all()
        assert np.allclose(np.linalg.norm(c.joint_rotations_wxyz, axis=-1), 1.0, atol=1e-4)
        assert (c.joint_rotations_wxyz[:, [j for j in skeleton.LEAVES if j not in skeleton.WRISTS], 0] == 1.0).all()
        assert c.foot_contact.shape == (len(c.root_position_m), 4)
        assert np.allclose(c.root_position_m[0, [0, 2]], 0.0, atol=1e-3)
        assert (np.diff(c.beat_times_s) > 0.2).all() and c.beat_times_s[-1] <= c.duration_s
        assert len(c.beat_energy) == c.n_beats >= 2
        assert c.beat_energy.min() >= 0 and c.beat_energy.max() <= 1
        assert 80 <= c.native_bpm <= 160 and 0 <= c.confidence <= 1


def test_beat_maps_bend_time_within_their_bound(shipped):
    for c in shipped.clips:
        _, seconds = beat_samples.beat_knots(c.beat_times_s, c.half_beat_times_s)
        rate = np.diff(seconds) * c.native_bpm / 30.0
        assert rate.min() > 0.78 and rate.max() < 1.21, c.id
        assert np.abs(np.diff(rate)).max(initial=0.0) < 0.1, c.id


def test_partners_point_at_each_other(shipped):
    couples = [c for c in shipped.clips if c.partner]
    assert len(couples) == 26
    for c in couples:
        assert shipped.clip(c.partner).partner == c.id
        assert "partner" in c.tags
        other = shipped.clip(c.partner)
        assert ("leads" in c.tags) != ("leads" in other.tags)
        assert np.array_equal(c.beat_times_s, other.beat_times_s) and c.native_bpm == other.native_bpm
        assert len(c.root_position_m) == len(other.root_position_m)


def test_only_what_passed_through_the_robot_is_damped(shipped):
    assert all(c.damped == 1.0 for c in shipped.clips if c.id.startswith("g1_"))
    assert all(c.damped == 0.0 for c in shipped.clips if c.id.startswith("cmu_"))


def test_clips_begin_and_end_dancing(shipped):
    for c in shipped.clips:
        if not c.partner:  # of a couple one may stand
            waits = marks.marks_of(c).waits
            assert not waits[:2].all() and not waits[-2:].all(), c.id


def test_beat_motion_has_sixteen_samples_a_beat_and_is_kept(shipped):
    clip = shipped.clip("g1_J_Dance5_Hype")
    motion = shipped.beat_motion(clip.id)
    n = 16 * clip.n_beats
    assert motion.root_position_m.shape == (n, 3)
    assert motion.joint_positions_m.shape == (n, 23, 3)
    assert motion is shipped.beat_motion(clip.id)
    assert not motion.joint_rotations_wxyz.flags.writeable
    for beat in (0, 5, clip.n_beats - 1):  # a whole beat shows what the clip shows at that beat's time
        frame = beat_samples.cubic(clip.root_position_m.astype(float), clip.beat_times_s[[beat]] * clip.fps)
        assert np.allclose(motion.root_position_m[16 * beat], frame[0], atol=1e-6)
    fk = skeleton.forward_kinematics(motion.root_position_m, motion.joint_rotations_wxyz)
    assert np.allclose(motion.joint_positions_m, fk)


def test_unknown_clip_is_named(shipped):
    with pytest.raises(ModelError, match="no clip 'polka'"):
        shipped.beat_motion("polka")


def test_style_names_come_from_the_manifest_alone(shipped):
    assert library.style_names() == shipped.styles


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / library.NAME
    shutil.copytree(paths.model_dir(library.NAME), folder)
    return folder


def test_torn_archive_is_one_sentence(copy):
    archive = copy / library.ARRAYS
    archive.write_bytes(archive.read_bytes()[:100_000])
    with pytest.raises(ModelError, match="cannot be read"):
        MotionLibrary.load(copy)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("format = 2", "format = 99", "format 99"),
        ('skeleton = "livedance-23"', 'skeleton = "mannequin"', "mannequin"),
        ("frames = ", "frames = 1", "frames where its manifest"),
        ("fps = 30", "fps = [", "cannot be read"),
    ],
)
def test_wrong_manifest_is_named(copy, old, new, says):
    manifest = copy / library.MANIFEST
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ModelError, match=says):
        MotionLibrary.load(copy)


def test_missing_folder_is_a_model_error(tmp_path):
    with pytest.raises(ModelError, match="cannot be read"):
        MotionLibrary.load(tmp_path / "nowhere")


def test_split_keeps_takes_whole_and_covers_all(shipped):
    splits = tomllib.loads((paths.model_dir(library.NAME) / "splits.toml").read_text(encoding="utf-8"))
    train, held = set(splits["train"]["clips"]), set(splits["held_out"]["clips"])
    assert not train & held
    assert train | held == {c.id for c in shipped.clips}
    for c in shipped.clips:
        if c.partner:
            assert (c.id in held) == (c.partner in held)
