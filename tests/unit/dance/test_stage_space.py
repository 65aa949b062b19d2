from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from livedance.dance import stage_space

SWING = np.tile(np.r_[np.zeros(8), np.ones(8)], 10)


def placed(**changes: object) -> stage_space.Placement:
    wishes: dict[str, object] = {
        "facing_rad": 0.0, "hips_xz": np.zeros(2), "entry_facing_rad": 0.0, "entry_xz": np.zeros(2),
        "path_xz": np.zeros(2), "path_rad": 0.0, "swing": SWING,
    }  # fmt: skip
    return stage_space.place(**{**wishes, **changes})  # type: ignore[arg-type]


def test_a_phrase_begins_where_the_dancer_is() -> None:
    yaw, place = placed(facing_rad=0.4, entry_facing_rad=-0.3, hips_xz=np.array([0.5, 0.2])).at(np.zeros(1))
    assert np.isclose(yaw[0], 0.7)
    assert np.allclose(place[0], [0.5, 0.2], atol=0.02)


def test_a_phrase_that_leaves_the_stage_is_bent_back() -> None:
    away = placed(hips_xz=np.array([1.2, 0.0]), path_xz=np.array([0.4, 0.0]))
    assert away.shift_xz[0] < -0.3
    assert placed(hips_xz=np.array([-1.2, 0.0]), path_xz=np.array([-0.4, 0.0])).shift_xz[0] > 0.3


def test_a_dancer_who_looks_away_is_turned_back() -> None:
    assert placed(facing_rad=1.0).turn_rad < -0.3
    assert placed(facing_rad=-1.0).turn_rad > 0.3
    assert abs(placed(facing_rad=1.0, path_rad=-1.0).turn_rad) < 1e-9


def test_corrections_grow_only_while_a_foot_is_in_the_air() -> None:
    placement = placed(facing_rad=1.0, hips_xz=np.array([1.4, 0.0]))
    yaw, place = placement.at(np.arange(160) / 16.0)
    planted = SWING[1:] == 0
    assert np.abs(np.diff(yaw)[planted]).max() < 1e-9
    assert np.abs(np.diff(place, axis=0)[planted]).max() < 1e-9
    standing = placed(facing_rad=1.0, hips_xz=np.array([1.4, 0.0]), swing=np.zeros(160))
    assert np.ptp(standing.at(np.arange(160) / 16.0)[0]) == 0.0


@given(st.lists(st.floats(-9, 9), min_size=2, max_size=2))
def test_nobody_goes_over_the_edge(xz: list[float]) -> None:
    held = stage_space.soft_edge(np.array([xz]))
    assert (np.abs(held) <= stage_space.EDGE_M + 1e-9).all()
    inside = np.abs(xz) <= stage_space.EDGE_M - stage_space.SOFT_M
    assert np.allclose(held[0][inside], np.array(xz)[inside])


@given(st.floats(-50, 50))
def test_wrapped_is_the_same_direction(angle: float) -> None:
    wrapped = stage_space.wrapped(angle)
    assert -np.pi <= wrapped < np.pi
    assert np.isclose(np.cos(wrapped), np.cos(angle), atol=1e-9)
