"""From raw files to a library that loads: the whole road, on small made clips."""

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from livedance import rotations, skeleton
from livedance.cli.train import app
from livedance.dance.library import MotionLibrary
from livedance.errors import FileError
from livedance.training import library_files, motion_library

sys.path.insert(0, str(Path(__file__).parent))
from tests.unit.training import raw_clips

CAPTURE = {"cmu_60_01_salsa": (0.0, 0.0, 0.0), "cmu_61_01_salsa": (0.5, 0.0, -0.6)}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    (folder / "dance").mkdir()
    for seed, name in enumerate(("m2m_body-roll", "cmu_60_01_salsa", "cmu_61_01_salsa")):
        root, q = raw_clips.dance(seed=seed)
        place = root + np.array([3.0, 0.02, -2.0])
        raw_clips.write(folder / "dance" / f"{name}.npz", name, place, q, capture=CAPTURE.get(name, (0.0, 0.0, 0.0)))
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


def test_damping_is_one_for_a_subject(made):
    leader, follower, loop = made
    shared = motion_library.share_damping(
        [
            dataclasses.replace(m, clip=dataclasses.replace(m.clip, id=name, damped=d))
            for m, name, d in ((leader, "g1_J_a", 1.0), (follower, "g1_J_b", 1.0), (loop, "g1_J_c", 0.2))
        ]
    )
    assert [m.clip.damped for m in shared] == [1.0, 1.0, 1.0]


def test_energy_is_a_rank_over_all_clips(made):
    energy = np.concatenate([m.clip.beat_energy for m in made])
    assert energy.min() == 0.0 and energy.max() == 1.0
    assert 0.4 < energy.mean() < 0.6


def test_partners_keep_their_place_and_share_their_beats(made):
    leader, follower = (next(m.clip for m in made if m.clip.id == f"cmu_6{k}_01_salsa") for k in (0, 1))
    assert "leads" in leader.tags and "leads" not in follower.tags
    assert np.array_equal(leader.beat_times_s, follower.beat_times_s)
    assert np.array_equal(leader.half_beat_times_s, follower.half_beat_times_s)
    hips = [c.root_position_m[:, [0, 2]] + c.origin_xz_m for c in (leader, follower)]
    roots = [raw_clips.dance(seed=seed)[0][:, [0, 2]] for seed in (1, 2)]
    apart = roots[1] - roots[0] + np.array([0.5, -0.6])
    shown = hips[1] - hips[0]
    best = min(np.abs(shown - apart[k : k + len(shown)]).max() for k in range(len(apart) - len(shown) + 1))
    assert best < 0.02


def test_a_stiff_head_is_damped():
    _, q = raw_clips.dance(n=300)
    free = q.copy()
    free[:, skeleton.INDEX["head"]] = rotations.about_y(0.8 * np.sin(np.arange(300) / 9.0))
    stiff = free.copy()
    stiff[:, [skeleton.INDEX["neck"], skeleton.INDEX["head"]]] = rotations.IDENTITY
    assert motion_library.damped_of(stiff) == 1.0
    assert motion_library.damped_of(free) == 0.0


def test_a_folder_without_clips_is_named(tmp_path):
    with pytest.raises(FileError, match=r"dance/\*\.npz"):
        motion_library.make_all(tmp_path)


def test_an_unwritable_folder_is_named(made, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("here")
    with pytest.raises(FileError, match="--out"):
        library_files.write(made[:1], blocked / "lib", "abc")
