from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from livedance import skeleton
from livedance.dance import chance, choice, clip_sampler, memory, phrase, transitions
from livedance.dance.arms import FITTING
from livedance.dance.direction import Role
from livedance.dance.library import MotionLibrary
from livedance.errors import ConfigError

N_BEATS = 8


@cache
def library() -> MotionLibrary:
    return MotionLibrary.load()


@cache
def table() -> transitions.Entries:
    return transitions.build(library())


def wanted(**changes: object) -> choice.Wanted:
    plain = choice.Wanted(
        number=0, beat=-0.5, beats=N_BEATS, style="auto", role=Role.THEME, energy=0.5, dance_bpm=110.0, rate=1.0,
        moment=None, facing_rad=0.0, hips_xz=np.zeros(2), room=1.0, used=memory.EMPTY, theme=None, is_answer=False,
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def chosen(**changes: object) -> list[int]:
    return [choice.choose(table(), wanted(**changes), chance.generator(1, 0, k))[0] for k in range(12)]


def moment_at(row: int) -> transitions.Moment:
    clip = library().clips[table().clip[row]]
    at = table().beat[row] - 0.5
    both = clip_sampler.sample(clip, np.array([at - 1 / 16, at]), bool(table().mirrored[row]))
    joints = skeleton.forward_kinematics(both.root_position_m, both.joint_rotations_wxyz)
    return transitions.moment_of(joints, both.foot_contact[1])


def test_partner_takes_need_other_arms_and_everything_is_there_mirrored() -> None:
    partner = np.array(["partner" in clip.tags for clip in library().clips])
    assert np.array_equal(table().needs_arms, partner[table().clip])
    assert table().needs_arms.any()
    assert table().mirrored.mean() == 0.5
    for field in ("position_m", "velocity", "path_xz", "path_rad", "energy", "crisp"):
        assert np.isfinite(getattr(table(), field)).all()


def test_an_entry_describes_the_pose_that_is_there() -> None:
    for row in (3, 700, 2500):
        moment = moment_at(row)
        assert np.allclose(moment.position_m, table().position_m[row], atol=1e-4)
        assert np.allclose(moment.velocity, table().velocity[row], atol=1e-2)
        assert np.isclose(moment.facing_rad, table().facing_rad[row], atol=1e-4)


def test_mirrored_entries_are_mirrored() -> None:
    half = len(table().clip)
    row = 5
    twin = next(
        r for r in range(half)
        if table().mirrored[r] and (table().clip[r], table().beat[r]) == (table().clip[row], table().beat[row])
    )  # fmt: skip
    assert np.isclose(table().facing_rad[twin], -table().facing_rad[row], atol=1e-4)
    assert np.allclose(table().path_xz[twin] * [-1, 1], table().path_xz[row], atol=1e-4)
    assert np.allclose(table().contact[twin][[2, 3, 0, 1]], table().contact[row])


def test_what_goes_on_fits_best() -> None:
    rows = chosen(moment=moment_at(700), energy=float(table().energy[700]), style=table().styles[table().style[700]])
    near = [np.linalg.norm(table().position_m[r] - table().position_m[700], axis=-1).mean() for r in rows]
    everything = np.linalg.norm(table().position_m - table().position_m[700], axis=-1).mean(axis=-1)
    assert np.median(near) < np.percentile(everything, 10)


def test_energy_tempo_and_style_are_heard() -> None:
    assert np.mean(table().energy[chosen(energy=0.95)]) > np.mean(table().energy[chosen(energy=0.05)]) + 0.4
    assert np.mean(table().native_bpm[chosen(dance_bpm=140.0)]) > np.mean(table().native_bpm[chosen(dance_bpm=80.0)])
    assert {table().styles[table().style[r]] for r in chosen(style="indian")} == {"indian"}
    assert not table().only_if_named[chosen()].any()
    with pytest.raises(ConfigError, match="There are: auto, "):
        chosen(style="waltz")


def test_the_recent_is_avoided_and_the_stage_is_kept() -> None:
    rows = chosen()
    used = memory.EMPTY
    for row in rows:
        used = used.after(table(), row, dance_beat=-0.5, beats=N_BEATS)
    again = chosen(number=1, beat=N_BEATS - 0.5, used=used)
    assert not set(again) & set(rows)
    for row in again:
        apart = np.abs(table().flat[row] - table().flat[rows])
        assert (apart[table().mirrored[rows] == table().mirrored[row]] >= N_BEATS).all()
    to_the_right = [table().path_xz[r, N_BEATS, 0] for r in chosen(hips_xz=np.array([-1.4, 0.0]))]
    to_the_left = [table().path_xz[r, N_BEATS, 0] for r in chosen(hips_xz=np.array([1.4, 0.0]))]
    assert np.mean(to_the_right) > np.mean(to_the_left)


def test_a_theme_returns_and_its_answer_is_its_mirror_image() -> None:
    theme = chosen()[0]
    assert set(chosen(theme=theme)) == {theme}
    (answer,) = set(chosen(theme=theme, is_answer=True))
    assert table().flat[answer] == table().flat[theme]
    assert table().mirrored[answer] != table().mirrored[theme]


def test_legs_that_held_a_partner_get_arms_of_a_style_that_suits_them() -> None:
    rng = chance.generator(1, 0, 0)
    for row in np.flatnonzero(table().needs_arms)[::400]:
        arms = choice.borrow(table(), row, wanted(), rng)
        assert arms is not None
        assert not table().needs_arms[arms]
        assert table().styles[table().style[arms]] in FITTING["salsa"]
    own = chosen()[0]
    if not table().needs_arms[own]:
        assert choice.borrow(table(), own, wanted(), rng) is None
        again = memory.EMPTY.after(table(), own, dance_beat=-0.5, beats=N_BEATS)
        assert choice.borrow(table(), own, wanted(beat=40.0, used=again), rng) is not None


def test_each_role_gets_what_it_asks_for() -> None:
    plain, wide = chosen(), chosen(role=Role.DROP)
    assert np.mean(table().width[wide]) > np.mean(table().width[plain]) + 0.1
    assert np.mean(table().width[chosen(role=Role.LOW)]) < np.mean(table().width[wide]) - 0.3
    assert np.mean(table().arms_up[chosen(role=Role.RISE)]) > np.mean(table().arms_up[plain])


def test_at_half_the_tempo_nobody_stands_still() -> None:
    for energy in (0.05, 0.15, 0.25):
        for style in ("auto", "hype", "groove", "club"):
            half = chosen(role=Role.LOW, energy=energy, rate=0.5, dance_bpm=60.0, beats=4, style=style)
            assert table().least_m[half].min() * 60.0 / 60.0 > 0.12, (energy, style)


def test_sampling_a_stretch_is_sampling_the_whole_clip() -> None:
    clip = library().clip("g1_J_Dance7_Party")
    whole = library().beat_motion(clip.id)
    part = clip_sampler.sample(clip, 10.0 + np.arange(40) / 16.0)
    assert np.abs(part.root_position_m - whole.root_position_m[160:200]).max() < 1e-6
    dots = np.sum(part.joint_rotations_wxyz * whole.joint_rotations_wxyz[160:200], axis=-1)
    assert np.abs(dots).min() > 1 - 1e-9
    ends = clip_sampler.sample(clip, np.array([-5.0, clip.n_beats + 5.0]))
    assert np.isfinite(ends.root_position_m).all()


def test_swing_says_when_a_foot_is_in_the_air() -> None:
    clip = library().clip("g1_J_Dance17_Shuffle")
    swing = phrase.swing(clip, 4.5, N_BEATS)
    assert len(swing) == (N_BEATS + phrase.RESERVE_BEATS) * 16
    assert swing.min() >= 0.0
    assert swing.max() <= 1.0
    assert swing.mean() > 0.1
