"""Retrieval on spaces whose answer is known, features that must not tell what is no match, and the encoders."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from livedance import skeleton
from livedance.dance.library import MotionLibrary
from livedance.errors import ConfigError, ModelError
from livedance.evaluation import match, match_features, match_gallery, match_plot
from livedance.evaluation.match_features import N_MOTION, N_MUSIC, WINDOW
from livedance.evaluation.match_gallery import GALLERY, Space
from livedance.evaluation.match_net import MANIFEST, WEIGHTS, Encoders
from livedance.paths import model_dir


def space(motion: np.ndarray, music: np.ndarray, takes: int = 4) -> Space:
    n = len(motion) // takes
    take = np.repeat(np.arange(takes), n)
    return Space(motion=motion, music=music, take=take, group=take, start=np.tile(np.arange(n), takes))


def unit(rng: np.random.Generator, n: int = 800, size: int = 32) -> np.ndarray:
    x = rng.normal(size=(n, size))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def test_twins_are_always_found_and_strangers_by_luck_alone():
    rng = np.random.default_rng(0)
    one = unit(rng)
    twins = match_gallery.retrieve(space(one, one), 0)
    assert twins.r1.value == twins.to_dance_r5.value == 1.0
    assert twins.matched == pytest.approx(0.0, abs=1e-6)
    assert twins.mismatched == pytest.approx(1.0, abs=0.05)
    strangers = match_gallery.retrieve(space(unit(rng, 3_200), unit(rng, 3_200)), 0)
    assert strangers.r1.value == pytest.approx(1 / 32, abs=0.015)
    assert strangers.to_music_r5.value == pytest.approx(5 / 32, abs=0.04)


def test_what_is_all_the_same_is_found_by_lot():
    still = np.tile(unit(np.random.default_rng(0), 1), (800, 1))
    found = match_gallery.retrieve(space(still, unit(np.random.default_rng(1))), 0)
    assert found.to_dance_r1.value == pytest.approx(1 / 32)
    assert found.to_dance_r5.value == pytest.approx(5 / 32)


def test_controls_of_twins_fall_to_chance():
    one = unit(np.random.default_rng(0))
    where = space(one, one)
    for partner in (match_gallery.rotated(where, 0), match_gallery.of_others(where, 0)):
        found = match_gallery.retrieve(where, 0, partner)
        assert found.r1.value < 0.1
    assert (where.take[match_gallery.rotated(where, 0)] == where.take).all()
    assert (where.take[match_gallery.of_others(where, 0)] != where.take).all()


def test_a_space_that_knows_the_take_alone_does_not_tell_the_phase():
    """The eight of the same take are equals of the partner: it is the first of nine."""
    of_take = np.repeat(unit(np.random.default_rng(0), 4), 200, axis=0)
    assert match_gallery.retrieve(space(of_take, of_take), 0).r1.value == pytest.approx(1 / 9, abs=1e-6)
    assert match_gallery.retrieve(space(of_take, of_take), 0).takes.value == 1.0


def test_a_space_that_knows_the_phase_alone_rules_out_the_wrong_phases():
    nothing = np.zeros((800, 2))
    where = match_gallery.beat_alone(space(nothing, nothing))
    found = match_gallery.retrieve(where, 0).r1.value
    assert 1 / 32 < found < 0.5, "one in eight of the 23 others has the same phase"
    whole = match_gallery.retrieve(where, 0)
    assert whole.phase.value == 1.0 and whole.takes.value == pytest.approx(found)
    assert match_gallery.retrieve(where, 0, match_gallery.rotated(where, 0)).r1.value < 0.06


def test_too_little_dance_for_a_gallery_is_said():
    with pytest.raises(ConfigError, match="gallery"):
        match_gallery.retrieve(space(unit(np.random.default_rng(0), 40), unit(np.random.default_rng(1), 40)), 0)


def test_blocks_that_agree_widen_the_interval():
    hits = np.repeat(np.random.default_rng(0).random(20) < 0.5, 20).astype(float)
    alone, together = (match_gallery.share(hits, b) for b in (np.arange(400), np.arange(400) // 20))
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_features_of_dance_know_no_place_facing_side_or_strength():
    joints = MotionLibrary.shipped().beat_motion("m2m_body-roll").joint_positions_m
    first = np.array([0, 3])
    plain = match_features.windows(match_features.motion(joints), first, is_music=False)
    cos, sin = np.cos(1.1), np.sin(1.1)
    turned = joints.copy()
    turned[..., 0] = cos * joints[..., 0] + sin * joints[..., 2] + 2.0
    turned[..., 2] = cos * joints[..., 2] - sin * joints[..., 0]
    mirrored = joints[:, list(skeleton.MIRROR)] * np.array([-1.0, 1.0, 1.0])
    assert plain.shape == (2, WINDOW, N_MOTION)
    for other in (turned, mirrored):
        same = match_features.windows(match_features.motion(other), first, is_music=False)
        assert np.abs(same - plain).max() < 1e-4
    assert np.abs(plain.mean(axis=1)[:, : match_features.N_SPEEDS]).max() < 1e-5


def test_features_of_music_keep_the_beat_and_lose_the_level():
    rows = np.random.default_rng(0).random((WINDOW, N_MUSIC)).astype(np.float32)
    louder = rows.copy()
    louder[:, 3:9] += 0.4
    start = np.array([0])
    one, other = (match_features.windows(x, start, is_music=True) for x in (rows, louder))
    assert np.abs(one - other).max() < 1e-5
    assert np.array_equal(one[0, :, 9:11], rows[:, 9:11])


def test_a_still_dance_has_no_features():
    still = np.broadcast_to(MotionLibrary.shipped().beat_motion("m2m_body-roll").joint_positions_m[:1], (256, 23, 3))
    assert np.abs(match_features.windows(match_features.motion(still), np.array([0, 5]), is_music=False)).max() < 1e-4


def test_the_encoders_that_ship_fit_and_are_small():
    folder = model_dir("match")
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 400_000
    encoders, rng = Encoders.load(), np.random.default_rng(0)
    found = encoders.motion(rng.normal(size=(3, WINDOW, N_MOTION)).astype(np.float32))
    assert np.linalg.norm(found, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert encoders.music(np.zeros((0, WINDOW, N_MUSIC), np.float32)).shape == (0, found.shape[1])
    manifest = tomllib.loads((folder / MANIFEST).read_text())
    assert "held" not in manifest["data"]


def test_damaged_encoders_are_refused(tmp_path: Path):
    for name in (WEIGHTS, MANIFEST):
        (tmp_path / name).write_bytes((model_dir("match") / name).read_bytes())
    (tmp_path / WEIGHTS).write_bytes(b"x" + (tmp_path / WEIGHTS).read_bytes()[1:])
    with pytest.raises(ModelError, match="sha256"):
        Encoders.load(tmp_path)


def test_real_held_out_dance_is_found_by_its_music_and_a_report_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    some = [MotionLibrary.shipped().clip(name) for name in ("cmu_60_03_salsa", "cmu_indian_06", "g1_J_Dance7_Party")]
    assert all(clip in match._takes()["held_out"] for clip in some)
    monkeypatch.setattr(match, "_takes", lambda: {"held_out": some, "train": []})
    rows = match.run(seeds=[1], generators=[], n_train=0, model=None, out=tmp_path / "match", tell=lambda _: None)
    by = {(row.dance, row.music): row.found.r1 for row in rows}
    assert by[match.REAL, "its own"].low > match_gallery.chance(1)
    assert by[match.STILL, "its own"].value < by[match.REAL, "its own"].value
    assert by[match.REAL, match.OTHERS].value < 2 * match_gallery.chance(1)
    written = json.loads((tmp_path / "match.json").read_text())
    assert len(written["rows"]) == len(rows) and written["chance"]["r1"] == pytest.approx(1 / GALLERY, abs=1e-4)
    assert f"{100 / GALLERY:.1f}" in (tmp_path / "match.md").read_text()
    match_plot.draw(rows, tmp_path / "match.png")
    assert (tmp_path / "match.png").stat().st_size > 5_000


def test_a_generator_dances_to_a_soundtrack_as_on_stage():
    clip = MotionLibrary.shipped().clip("m2m_body-roll")
    music = match.soundtrack.of_clip(clip, 1, bpm=100.0)
    danced = match.dance_to(music, "motion-graph", match.EXACT, seed=1)
    assert danced.shape == (8 * clip.n_beats, N_MOTION)
    assert danced[:, 0].std() > 0.1
