"""The floor by itself: who comes, who leaves, who makes room."""

from __future__ import annotations

import numpy as np

from livedance.dance import formation
from livedance.dance.floor import Floor
from livedance.dance.performer import Place
from livedance.dance.walk import Journey
from livedance.messages import Controls
from tests.unit.dance.dancing import a_request

NOBODY = (None, None, None, None)


def formed(n: int, shape: str = "line") -> Floor:
    floor, request = Floor(), a_request(3.5, 0)
    floor.come_in(Controls(dancers=n, formation=shape), request, NOBODY)
    floor.form_up(Controls(dancers=n, formation=shape), request, NOBODY)
    floor.leaving(n, 3.5)
    return floor


def test_at_the_start_everybody_has_a_place_at_once() -> None:
    floor = formed(3)
    assert floor.slots == [0, 1, 2]
    assert np.allclose([floor.home(i, 3.5) for i in range(3)], formation.slots("line", 3))


def test_a_newcomer_comes_in_out_of_everybodys_way() -> None:
    floor = formed(2)
    here = floor.come_in(Controls(dancers=4, formation="line"), a_request(8.5, 1), NOBODY)
    assert here == [2, 3]
    homes = np.array([floor.home(i, 8.5) for i in range(4)])
    apart = np.linalg.norm(homes[:, None] - homes[None], axis=-1)[np.triu_indices(4, 1)]
    assert apart.min() >= formation.BESIDE_M
    floor.form_up(Controls(dancers=4, formation="line"), a_request(8.5, 1), NOBODY)
    assert sorted(floor.slots) == [0, 1, 2, 3]


def test_who_leaves_is_there_until_no_screen_shows_them() -> None:
    floor = formed(3)
    assert floor.leaving(1, 10.5) == 2
    assert floor.leaving(1, 18.5) == 2
    assert floor.leaving(1, 19.5) == 0


def test_who_is_called_back_makes_room_for_those_who_come_there() -> None:
    floor = formed(2)
    place = floor.places[1].xz
    floor.leaving(1, 10.5)
    floor.places[0] = Place(journey=Journey(start_beat=16, beats=8, start_xz=(1.5, 0.0), end_xz=place))
    floor.come_in(Controls(dancers=2, formation="line"), a_request(12.5, 2), NOBODY)
    way = floor.places[1].journey
    assert way is not None and way.end_beat % 4 == 0
    assert float(np.linalg.norm(np.array(way.end_xz) - np.array(place))) >= formation.BESIDE_M
    assert way.end_beat <= 20  # before the other one is there


def test_nobody_is_sent_off_on_the_way() -> None:
    floor = formed(3)
    request = a_request(8.5, 1)
    goals = floor.form_up(Controls(dancers=3, formation="wedge"), request, NOBODY)
    assert goals is not None
    assert floor.set_out(request, {}, goals) == [0, 1, 2]
    assert floor.form_up(Controls(dancers=3, formation="arc"), a_request(9.5, 2), NOBODY) is None
    assert floor.formation == "wedge"
    assert floor.form_up(Controls(dancers=3, formation="arc"), a_request(24.5, 3), NOBODY) is not None
