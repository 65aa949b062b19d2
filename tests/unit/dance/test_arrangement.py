from __future__ import annotations

import itertools

import pytest

from livedance.dance.arrangement import FORMATIONS, arrangement_for, room_for, source_count
from livedance.errors import ConfigError
from livedance.messages import Controls


@pytest.mark.parametrize("formation", FORMATIONS)
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_everybody_has_room_and_the_line_is_centred(formation: str, n: int) -> None:
    arrangement = arrangement_for(Controls(dancers=n, formation=formation), 12.0)
    assert arrangement.beat == 12.0
    assert [d.id for d in arrangement.dancers] == list(range(n))
    xs = [d.x_m for d in arrangement.dancers]
    assert abs(sum(xs)) < 1e-9
    assert all(b - a >= 0.9 for a, b in itertools.pairwise(xs))
    assert all(0.0 <= d.lag_beats <= 8.0 for d in arrangement.dancers)
    assert all(d.source < source_count(Controls(dancers=n, formation=formation)) for d in arrangement.dancers)


def test_what_each_formation_means() -> None:
    def dancers(formation: str, **more: bool) -> tuple:
        return arrangement_for(Controls(dancers=4, formation=formation, **more), 0.0).dancers

    assert {(d.source, d.mirror, d.lag_beats) for d in dancers("unison")} == {(0, False, 0.0)}
    assert [d.mirror for d in dancers("mirror")] == [False, False, True, True]
    assert [d.mirror for d in dancers("mirror", mirror=True)] == [True, True, False, False]
    assert [d.lag_beats for d in dancers("canon")] == [0.0, 2.0, 4.0, 6.0]
    assert [d.source for d in dancers("individuals")] == [0, 1, 2, 3]


def test_dancers_who_might_meet_get_less_room() -> None:
    assert room_for(Controls(dancers=3, formation="unison")) == 1.0
    assert room_for(Controls(dancers=1, formation="individuals")) == 1.0
    for formation in ("mirror", "canon", "individuals"):
        assert room_for(Controls(dancers=2, formation=formation)) < 0.5


def test_an_unknown_formation_names_the_near_one() -> None:
    with pytest.raises(ConfigError, match="did you mean 'canon'"):
        arrangement_for(Controls(formation="cannon"), 0.0)
