from __future__ import annotations

import pytest

from livedance.beat.belief import SURE_S, Belief, wrap


def test_wrap_is_the_nearest_phase() -> None:
    assert [wrap(v) for v in (0.0, 0.4, 0.6, -0.6, 7.25)] == pytest.approx([0.0, 0.4, -0.4, 0.4, 0.25])


def test_seat_goes_forward_by_less_than_a_beat() -> None:
    seated = Belief(position=10.7).seated(3.2, 2.2)
    assert seated.position == pytest.approx(11.2)
    assert seated.beats_per_s == 2.2


def test_small_errors_are_followed_and_the_integer_is_free() -> None:
    belief = Belief(position=10.0)
    for _ in range(200):
        belief = belief.followed(100.1, 2.0, 1.0, 0.0116, hold=False)
    assert belief.position == pytest.approx(10.1, abs=1e-3)


def test_contradiction_needs_time_and_agreement_clears_it() -> None:
    belief = Belief(position=10.0).followed(0.4, 2.0, 1.0, 0.9 * SURE_S, hold=False)
    assert belief.position == 10.0
    assert belief.followed(0.4, 2.0, 1.0, 0.2 * SURE_S, hold=False).position == pytest.approx(10.4)
    calm = belief.followed(0.0, 2.0, 1.0, SURE_S, hold=False)
    assert calm.doubt_s == 0.0


def test_hold_keeps_the_tempo() -> None:
    belief = Belief(position=10.0)
    for _ in range(100):
        belief = belief.followed(10.0, 2.05, 1.0, 0.0116, hold=True)
    assert belief.beats_per_s == 2.0


def test_a_hand_moves_what_is_heard_along() -> None:
    belief = Belief(position=10.0).moved(0.5)
    assert belief.followed(10.0, 2.0, 1.0, 0.01, hold=False).position == pytest.approx(10.5)
