"""Solids, and dancers cut from them."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.render.mesh import figure
from livedance.training.character import make, outfit, solids, surface


def test_distances_are_negative_inside_and_metres_outside():
    ball = solids.ellipsoid((0.0, 1.0, 0.0), (0.5, 0.5, 0.5))
    stick = solids.capsule((0.0, 0.0, 0.0), (0.0, 1.0, 0.0), 0.1, 0.1)
    brick = solids.box((0.0, 0.0, 0.0), (0.5, 0.2, 0.3), 0.02)
    points = np.array([[0.0, 1.0, 0.0], [0.0, 1.7, 0.0], [0.3, 0.5, 0.0]])
    assert ball(points)[1] == pytest.approx(0.2, abs=0.01) and ball(points - [0.0, 0.2, 0.0])[0] < 0.0
    assert stick(points)[2] == pytest.approx(0.2)
    assert brick(np.array([[0.7, 0.0, 0.0], [0.0, 0.0, 0.0]])) == pytest.approx([0.2, -0.2])


def test_a_union_holds_both_and_a_cut_takes_away():
    a, b = (solids.ellipsoid((x, 0.0, 0.0), (0.3, 0.3, 0.3)) for x in (-0.25, 0.25))
    middle = np.array([[0.0, 0.2, 0.0]])
    assert solids.union(a, b)(middle) > 0.0 > solids.union(a, b, soft=0.3)(middle)
    there = np.array([[-0.25, 0.1, 0.0], [-0.25, -0.1, 0.0]])
    assert (solids.cut(a, solids.above(0.0))(there) > 0.0).tolist() == [True, False]


def test_a_surface_lies_on_its_solid():
    ball = solids.ellipsoid((0.0, 1.65, 0.0), (0.1, 0.14, 0.12))
    piece = outfit.Piece(ball, (-0.2, 1.4, -0.2), (0.2, 1.9, 0.2), 0.02, "helmet")
    made = surface.of(piece)
    assert np.abs(piece.solid(made.position_m.astype(np.float64))).max() < 0.003
    away = made.position_m - [0.0, 1.65, 0.0]
    assert ((away * made.normal).sum(axis=1) > 0.0).all()


@pytest.mark.parametrize("cut", outfit.CUTS, ids=lambda cut: cut.name)
def test_what_ships_is_what_the_command_makes(cut):
    made, ships = make.dressed(cut), figure.load(cut.name)
    assert np.array_equal(made.triangles, ships.triangles) and np.array_equal(made.material, ships.material)
    assert np.abs(made.position_m - ships.position_m).max() < 1e-3
    assert np.abs(made.weights - ships.weights).max() < 0.06
