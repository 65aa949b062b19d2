"""From raw files to a library that loads: the whole road, on small made clips."""

import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from livedance import skeleton
from livedance.cli.train import app
from livedance.dance.library import MotionLibrary
from livedance.errors import FileError
from livedance.training import library_files, motion_library

sys.path.insert(0, str(Path(__file__).parent))
from tests.unit.training import raw_clips


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    (folder / "dance").mkdir()
    for seed, name in enumerate(("m2m_body-roll", "cmu_60_01_salsa", "cmu_61_01_salsa")):
        root, q = raw_clips.dance(seed=seed)
        raw_clips.write(folder / "dance" / f"{name}.npz", name, root + np.array([3.0, 0.02, -2.0]), q)
    return folder


@pytest.fixture(scope="module")
def made(data):
    return motion_library.make_all(data)


def test_a_library_is_made_and_loads(data, made, tmp_path):
    done = CliRunner().invoke(app, ["library", "--data", str(data), "--out", str(tmp_path / "lib")])
    assert done.exit_code == 0, done.output
    assert "3 clips" in done.output
    library = MotionLibrary.load(tmp_path / "lib")
    assert [c.id for c in library.clips] == ["cmu_60_01_salsa", "cmu_61_01_salsa", "m2m_body-roll"]
    assert library.styles == ("groove", "salsa")
    assert library.clip("cmu_60_01_salsa").partner == "cmu_61_01_salsa"
    assert "loop" in library.clip("m2m_body-roll").tags
    expected = {m.clip.id: m for m in made}
    for clip in library.clips:
        wanted = expected[clip.id].clip
        stored = skeleton.forward_kinematics(clip.root_position_m, clip.joint_rotations_wxyz)
        true = skeleton.forward_kinematics(wanted.root_position_m, wanted.joint_rotations_wxyz)
        assert np.abs(stored - true).max() < 0.002
        assert np.allclose(clip.beat_times_s, wanted.beat_times_s, atol=1e-4)
        assert expected[clip.id].report["error_mean_m"] < 0.01


def test_energy_is_a_rank_over_all_clips(made):
    energy = np.concatenate([m.clip.beat_energy for m in made])
    assert energy.min() == 0.0 and energy.max() == 1.0
    assert 0.4 < energy.mean() < 0.6


def test_dead_ends_are_cut():
    root, q = raw_clips.dance(n=300)
    positions = skeleton.forward_kinematics(root, q)
    still = np.concatenate([np.repeat(positions[:1], 90, axis=0), positions, np.repeat(positions[-1:], 60, axis=0)])
    first, last = motion_library.lively_span(still, 30.0)
    assert 65 <= first <= 92
    assert 385 <= last <= 415


def test_the_part_with_a_lost_foot_is_cut():
    root, q = raw_clips.dance(n=200)
    positions = skeleton.forward_kinematics(root, q)
    floor = positions[:, skeleton.CONTACT_JOINTS, 1].min()
    positions[50:55, skeleton.CONTACT_JOINTS[1], 1] = floor - 0.3
    assert motion_library.sound_span(positions, floor, 0, 200) == (55, 200)


def test_a_folder_without_clips_is_named(tmp_path):
    with pytest.raises(FileError, match=r"dance/\*\.npz"):
        motion_library.make_all(tmp_path)


def test_an_unwritable_folder_is_named(made, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("here")
    with pytest.raises(FileError, match="--out"):
        library_files.write(made[:1], blocked / "lib", "abc")
