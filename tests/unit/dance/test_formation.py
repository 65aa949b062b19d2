from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from livedance.dance import formation, walk
from livedance.errors import ConfigError


def seen_from_the_front(places: np.ndarray) -> np.ndarray:
    return places[:, 0] * formation.EYE_M / (formation.EYE_M - places[:, 1])


def pairs(n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.triu_indices(n, 1)


@pytest.mark.parametrize("name", formation.NAMES)
@pytest.mark.parametrize("room", [1.0, 0.4])
def test_places_are_apart_on_the_stage_and_nobody_hides_another(name: str, room: float) -> None:
    for n in range(2, 9):
        places = formation.slots(name, n, room)
        assert places.shape == (n, 2)
        i, j = pairs(n)
        least = formation.PARTNER_M if name == "couple" else formation.APART_M
        assert np.linalg.norm(places[i] - places[j], axis=1).min() >= least - 1e-9
        assert np.abs(np.subtract.outer(seen_from_the_front(places), seen_from_the_front(places)))[i, j].min() > 0.35
        assert np.all(np.abs(places) <= formation.STAGE_M + 1e-9)


@pytest.mark.parametrize("name", formation.NAMES)
def test_one_dancer_stands_in_the_middle(name: str) -> None:
    assert formation.slots(name, 1).tolist() == [[0.0, 0.0]]


def test_partners_stand_beside_each_other_and_couples_apart() -> None:
    places = formation.slots("couple", 7)
    for k in (0, 2, 4):
        assert np.allclose(places[k + 1] - places[k], [formation.PARTNER_M, 0.0])
    others = [np.linalg.norm(places[a] - places[b]) for a, b in itertools.combinations(range(7), 2) if a // 2 != b // 2]
    assert min(others) >= formation.APART_M


def test_the_soloist_stands_in_front_and_the_wedge_has_its_tip_there() -> None:
    for name in ("solo", "wedge"):
        places = formation.slots(name, 5)
        assert places[0, 1] > places[1:, 1].max() + 0.3


def test_who_does_not_move_alike_stands_wider() -> None:
    close, wide = formation.slots("line", 3, 1.0), formation.slots("line", 3, 0.4)
    assert wide[2, 0] - wide[1, 0] == pytest.approx(formation.SPACING_WIDE_M)
    assert close[2, 0] - close[1, 0] == pytest.approx(formation.SPACING_M)


def test_places_are_the_callers_own() -> None:
    formation.slots("line", 3)[:] = 7.0
    assert formation.slots("line", 3).max() < 2.0


def test_an_unknown_formation_is_named() -> None:
    with pytest.raises(ConfigError, match=r"circel.*circle"):
        formation.slots("circel", 3)


def test_assignment_is_the_best_of_all() -> None:
    rng = np.random.default_rng(3)
    for n, m in ((3, 3), (5, 5), (4, 6), (1, 2)):
        here, there = rng.uniform(-2, 2, (n, 2)), rng.uniform(-2, 2, (m, 2))
        order = formation.assign(here, there)
        assert len(set(order.tolist())) == n
        cost = ((here - there[order]) ** 2).sum()
        best = min(((here - there[list(o)]) ** 2).sum() for o in itertools.permutations(range(m), n))
        assert cost == pytest.approx(best)


@pytest.mark.parametrize(("n", "m"), [(0, 3), (8, 8), (12, 16), (16, 16)])
def test_assignment_of_many_is_what_scipy_finds(n: int, m: int) -> None:
    rng = np.random.default_rng(n)
    for _ in range(20):
        here, there = rng.normal(size=(n, 2)), rng.normal(size=(m, 2))
        cost = ((here[:, None] - there[None]) ** 2).sum(axis=-1)
        order = formation.assign(here, there)
        assert len(set(order.tolist())) == n
        assert cost[np.arange(n), order].sum() == pytest.approx(cost[linear_sum_assignment(cost)].sum())


def test_a_soloist_can_be_sent_to_the_first_place() -> None:
    here, there = formation.slots("line", 5), formation.slots("solo", 5)
    for soloist in range(5):
        order = formation.assign(here, there, {soloist: 0})
        assert order[soloist] == 0
        assert sorted(order.tolist()) == [0, 1, 2, 3, 4]
        ways = formation.journeys(here, there[order], 0.5, 0.0)
        assert formation.least_distance_m(ways).min() >= formation.BESIDE_M - 0.1


def test_ways_arrive_together_on_a_downbeat_after_four_to_eight_beats() -> None:
    here = formation.slots("line", 4)
    for shift, beats in ((0.5, 4), (1.8, 6), (2.4, 8)):
        there = here - np.array([0.0, shift])
        for way in formation.journeys(here, there, 10.5, 6.0):
            assert way.beats == beats
            assert way.start_beat >= 10.5
            assert (way.end_beat - 6) % 4 == 0
            assert way.end_beat - 10.5 < beats + 5
            assert walk.home_at(way, np.array([float(way.end_beat)]))[0, 1] == pytest.approx(way.end_xz[1])


def test_nobody_meets_on_the_way() -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        n = int(rng.integers(2, 9))
        here, there = (formation.slots(str(name), n, 0.6) for name in rng.choice(formation.NAMES, 2))
        here = here[rng.permutation(n)]
        there = there[formation.assign(here, there)]
        ways = formation.journeys(here, there, 0.5, 0.0)
        ends = [np.linalg.norm(places[:, None] - places[None], axis=-1) for places in (here, there)]
        i, j = pairs(n)
        # Partners of a couple begin or end nearer than others: they may stay as near.
        wanted = np.minimum(formation.BESIDE_M, np.minimum(*ends))
        assert (formation.least_distance_m(ways) - wanted)[i, j].min() >= -1e-6


def test_two_who_change_places_walk_round_each_other() -> None:
    places = np.array([[-0.8, 0.0], [0.8, 0.0]])
    straight = [
        walk.Journey(start_beat=4, beats=8, start_xz=tuple(a), end_xz=tuple(b))
        for a, b in zip(places.tolist(), places[::-1].tolist(), strict=True)
    ]
    assert formation.least_distance_m(straight).min() < 0.1
    ways = formation.journeys(places, places[::-1], 0.5, 0.0)
    assert formation.least_distance_m(ways).min() >= formation.BESIDE_M
    assert [way.end_xz for way in ways] == [tuple(p) for p in places[::-1].tolist()]
