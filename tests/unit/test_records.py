"""The cheap `replace` is the standard one."""

import dataclasses

import pytest

from livedance import records
from livedance.beat.belief import Belief
from livedance.messages import ClockState


@pytest.mark.parametrize("record", [Belief(position=3.0, doubt_s=0.5), ClockState(t_s=1.0, epoch=4)])
def test_it_makes_what_the_standard_one_makes(record):
    made = records.replace(record, t_s=7.5)
    assert made == dataclasses.replace(record, t_s=7.5) and type(made) is type(record)
    assert made != record and made.t_s == 7.5


def test_records_check_themselves_and_unknown_names_are_refused():
    with pytest.raises(TypeError, match="speed"):
        records.replace(Belief(), speed=1.0)
    with pytest.raises(TypeError, match="speed"):
        records.replace(ClockState(), speed=1.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        records.replace(Belief(), t_s=1.0).t_s = 2.0  # type: ignore[misc]


def test_the_record_that_was_given_is_left_alone():
    given = Belief(position=3.0)
    records.replace(given, position=4.0)
    assert given == Belief(position=3.0)
