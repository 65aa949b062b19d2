from __future__ import annotations

import pytest

from livedance.dance.arrangement import FORMATIONS, arrangement_for, room_for
from livedance.errors import ConfigError
from livedance.messages import Controls


@pytest.mark.parametrize("formation", FORMATIONS)
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_everybody_has_a_source_of_their_own_at_its_place(formation: str, n: int) -> None:
    arrangement = arrangement_for(Controls(dancers=n, formation=formation), 12.0)
    assert arrangement.beat == 12.0
    assert [d.id for d in arrangement.dancers] == list(range(n))
    assert [d.source for d in arrangement.dancers] == list(range(n))
    assert all((d.x_m, d.z_m, d.yaw_rad, d.mirror) == (0.0, 0.0, 0.0, False) for d in arrangement.dancers)
    assert all(0.0 <= d.lag_beats <= 8.0 for d in arrangement.dancers)


def test_a_canon_comes_one_after_the_other() -> None:
    dancers = arrangement_for(Controls(dancers=4, formation="canon"), 0.0).dancers
    assert [d.lag_beats for d in dancers] == [0.0, 2.0, 4.0, 6.0]


def test_dancers_who_might_meet_get_less_room() -> None:
    assert room_for(Controls(dancers=3, formation="unison")) == 1.0
    assert room_for(Controls(dancers=1, formation="individuals")) == 1.0
    for formation in ("mirror", "canon", "individuals", "call", "solo"):
        assert room_for(Controls(dancers=2, formation=formation)) < 0.5


def test_an_unknown_formation_names_the_near_one() -> None:
    with pytest.raises(ConfigError, match="did you mean 'canon'"):
        arrangement_for(Controls(formation="cannon"), 0.0)
