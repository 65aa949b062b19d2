"""Forms of eight bars: what they are made of, and what the music does to them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from livedance.dance.choreographer import Plan, direct
from livedance.dance.direction import Direction, Role
from livedance.dance.options import as_wished
from livedance.messages import Section
from tests.unit.dance.dancing import a_request


def danced(n: int, seed: int = 1, *, rests: bool = False, **changes: Any) -> list[Direction]:
    """Return the direction of each of `n` beats from -0.5 on; a change may be a function of the beat."""
    plan, out = Plan(seed=seed, voice=0), []
    for i in range(n):
        now = {k: v(i) if callable(v) else v for k, v in changes.items()}
        direction, plan = direct(plan, a_request(i - 0.5, i, seed=seed, **now), as_wished, rests=rests)
        out.append(direction)
    return out


def slots(directions: list[Direction]) -> list[Direction]:
    return list({d.slot: d for d in directions}.values())


def test_a_form_is_a_motif_its_answer_another_and_the_motif_again() -> None:
    form = slots(danced(32))
    assert [(s.role, s.beats) for s in form] == [
        (Role.THEME, 8), (Role.THEME, 4), (Role.FILL, 4), (Role.THEME, 8), (Role.THEME, 4), (Role.FILL, 4),
    ]  # fmt: skip
    a, answer, fill, b, again, _ = form
    assert (answer.theme, answer.mirrored, a.mirrored) == (a.theme, True, False)
    assert (again.theme, again.mirrored) == (a.theme, False)
    assert b.theme != a.theme
    assert fill.theme == -1
    assert [s.start for s in form] == [-0.5, 7.5, 11.5, 15.5, 23.5, 27.5]


def test_slots_follow_one_another_without_gap_whatever_the_music_does() -> None:
    rng = np.random.default_rng(3)
    music = rng.choice([s.value for s in Section], 60)
    directions = danced(480, section=lambda i: Section(music[i // 8]), energy=lambda i: float(music[i // 8]) / 4.0)
    for i, direction in enumerate(directions):
        assert direction.start <= i - 0.5 < direction.end
    numbers = [d.slot for d in directions]
    assert numbers == sorted(numbers)


def test_a_form_that_begins_inside_a_phrase_ends_with_it() -> None:
    form = slots(danced(32, phrase_bar=lambda i: (int((i - 0.5) // 4) + 5) % 8, is_silent=False))
    ends = [s.end for s in form]
    assert 11.5 in ends  # three bars are left of the phrase
    assert form[[s.end for s in form].index(11.5)].role == Role.FILL


def test_a_motif_may_return_in_the_next_form_but_not_always() -> None:
    motifs = [slots(danced(320, seed=seed)) for seed in range(4)]
    first = [[s.theme for s in night if s.beats == 8][::2] for night in motifs]
    returns = np.mean([a == b for night in first for a, b in pairwise(night)])
    assert 0.1 < returns < 0.8


def test_a_build_lifts_shortens_and_holds_its_last_beat() -> None:
    directions = danced(
        64, section=lambda i: Section.BUILD if i >= 32 else Section.GROOVE, build=lambda i: max(0.0, (i - 32) / 32)
    )
    build = directions[33:]
    assert {d.role for d in build} == {Role.RISE}
    assert build[-1].lift > build[0].lift + 0.7
    assert build[-1].travel < build[0].travel
    assert build[-1].beats < build[0].beats
    assert build[-1].hold_from == directions[-1].end - 1.5
    assert build[0].hold_from is None


def test_a_drop_hits_on_a_beat_at_once_and_is_danced_large() -> None:
    directions = danced(64, section=lambda i: Section.DROP if i >= 37 else Section.GROOVE)
    first = directions[37]
    assert first.role == Role.DROP
    assert first.hit_beat == 37.0
    assert first.start == 36.5
    assert all(d.amplitude > 1.0 for d in directions[37:60])
    assert directions[36].amplitude == 1.0


def test_a_break_is_low_and_slow_and_comes_at_once() -> None:
    directions = danced(64, section=lambda i: Section.BREAK if i >= 37 else Section.GROOVE)
    assert directions[37].role == Role.LOW
    assert (directions[37].rate, directions[40].rate) == (0.5, 0.5)
    assert directions[37].sink > 0.0


def test_without_a_beat_it_floats_and_beside_a_soloist_it_rests() -> None:
    assert danced(8, floats=True)[-1].role == Role.FLOAT
    resting = danced(8, rests=True)[-1]
    assert resting.role == Role.REST
    assert resting.amplitude < 0.8


def test_a_style_by_hand_comes_with_the_next_bar() -> None:
    directions = danced(32, style=lambda i: "jazz" if i >= 18 else "club")
    changed = next(i for i, d in enumerate(directions) if d.style == "jazz")
    assert 18 <= changed <= 22
    assert directions[changed].start % 4.0 == 3.5


def test_a_new_phrase_comes_with_the_next_seam() -> None:
    directions = danced(20, new_phrase=lambda i: i == 10)
    assert directions[10].slot > directions[9].slot


def test_energy_that_changes_much_ends_the_form_at_the_bar_line() -> None:
    directions = danced(32, energy=lambda i: 0.9 if i >= 17 else 0.3)
    changed = next(i for i, d in enumerate(directions) if d.start > 16 and d.slot != directions[16].slot)
    assert changed <= 21


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_requests_give_the_same_directions(seed: int) -> None:
    assert danced(100, seed=seed) == danced(100, seed=seed)


def test_some_fills_end_in_a_hold_and_most_do_not() -> None:
    fills = [s for seed in range(6) for s in slots(danced(320, seed=seed)) if s.role == Role.FILL]
    held = np.mean([s.hold_from is not None for s in fills])
    assert 0.4 < held < 0.9
    assert all(s.hold_from in (None, s.end - 1.5) for s in fills)


def test_the_motion_stops_on_beats_that_leave_each_other_time() -> None:
    planned = [s for seed in range(4) for s in slots(danced(320, seed=seed))]
    assert any(len(s.pauses) > 1 for s in planned)
    assert any(not s.pauses for s in planned)
    for slot in planned:
        places = np.array([*slot.pauses, *([] if slot.hold_from is None else [slot.hold_from])]) - slot.start
        assert np.allclose(places % 1.0, 0.5), "on beats"
        assert np.all((places > 1.0) & (places < slot.beats))
        assert np.all(np.diff(np.sort(places)) >= 2.0)


def test_in_a_break_nothing_stops_that_hardly_moves() -> None:
    assert not any(s.pauses for s in slots(danced(64, section=Section.BREAK)))
