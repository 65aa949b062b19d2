"""Several dancers: who follows whom, where they are, and how they get there."""

from __future__ import annotations

from functools import cache
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest

from livedance import skeleton
from livedance.dance import formation
from livedance.dance.arrangement import FORMATIONS, room_for
from livedance.dance.direction import Role
from livedance.dance.motion_graph import MotionGraph
from livedance.dance.parts import LEAD, PAIR, REST, part_of
from livedance.messages import COMMIT_SAMPLES, Controls, Section
from tests.unit.dance.dancing import LIFELESS, Dance, a_request


@cache
def graph() -> MotionGraph:
    return MotionGraph()


def danced(n: int, controls: Any, seed: int = 3, **changes: Any) -> tuple[np.ndarray, Dance]:
    """Return (joints (dancers, samples, 23, 3), the dance); `controls` may be a function of the beat."""
    dance = Dance(graph(), seed=seed, is_choreographed=True, parts=LIFELESS)
    for i in range(n):
        now = {k: v(i) if callable(v) else v for k, v in changes.items()}
        dance.at(i - 0.5, controls(i) if callable(controls) else controls, **now)
    count = 1 + min(max(w.dancer for w in dance.windows if w.plan == plan) for plan in (0, n - 1))
    bodies = []
    for dancer in range(count):
        own = [w for w in dance.windows if w.dancer == dancer]
        root = np.concatenate([w.root_position_m[:COMMIT_SAMPLES] for w in own])
        turned = np.concatenate([w.joint_rotations_wxyz[:COMMIT_SAMPLES] for w in own])
        bodies.append(skeleton.forward_kinematics(root, turned))
    return np.array(bodies), dance


def about_hips(joints: np.ndarray) -> np.ndarray:
    out: np.ndarray = joints - joints[..., :1, :] * [1.0, 0.0, 1.0]
    return out


def test_in_unison_all_dance_the_same_with_small_differences() -> None:
    joints, _ = danced(40, Controls(dancers=3))
    one, other = about_hips(joints[0, 160:]), about_hips(joints[1, 160:])
    apart = np.linalg.norm(one - other, axis=-1).mean()
    assert 0.002 < apart < 0.08
    strangers, _ = danced(40, Controls(dancers=2, formation="individuals"))
    assert apart < 0.3 * np.linalg.norm(about_hips(strangers[0]) - about_hips(strangers[1]), axis=-1).mean()


def test_mirrored_dancers_are_mirror_images() -> None:
    joints, _ = danced(48, Controls(dancers=2, formation="mirror"))
    left, right = about_hips(joints[0, 160:]), about_hips(joints[1, 160:])
    flipped = right[:, list(skeleton.MIRROR)] * [-1.0, 1.0, 1.0]
    assert np.linalg.norm(left - flipped, axis=-1).mean() < 0.08
    assert np.linalg.norm(left - right, axis=-1).mean() > 0.12


@pytest.mark.parametrize("formation", [f for f in FORMATIONS if f != "couple"])
def test_nobody_comes_too_near(formation: str) -> None:
    joints, _ = danced(48, Controls(dancers=4, formation=formation))
    hips = joints[:, :, 0][..., [0, 2]]
    nearest = min(np.linalg.norm(hips[i] - hips[j], axis=-1).min() for i, j in combinations(range(4), 2))
    assert nearest > 0.45
    assert np.abs(hips[..., 0]).max() < 4.2
    assert np.abs(hips[..., 1]).max() < 3.0


CHANGES = (("solo", 4), ("couple", 4), ("canon", 3), ("individuals", 4), ("line", 2), ("call", 4))


@cache
def changing() -> tuple[np.ndarray, Dance]:
    """Formations and numbers that change at any beat: hips (dancers, samples, 2), absent ones not a number."""
    dance = Dance(graph(), seed=3, is_choreographed=True, parts=LIFELESS)
    hips = np.full((4, 84 * COMMIT_SAMPLES, 2), np.nan)
    before: dict[int, int | None] = {}
    for i in range(84):
        formation, n = CHANGES[i // 14]
        for window in dance.at(i - 0.5, Controls(dancers=n, formation=formation), energy=0.8):
            rows = slice(i * COMMIT_SAMPLES, (i + 1) * COMMIT_SAMPLES)
            hips[window.dancer, rows] = window.root_position_m[:COMMIT_SAMPLES, [0, 2]]
            partners = (dance.cast._parts[window.dancer].partner, before.get(window.dancer))
            if any(partner is not None and partner < window.dancer for partner in partners):
                hips[window.dancer, rows] = np.nan  # Partners may be near each other, and take a beat to part.
        before = {j: part.partner for j, part in enumerate(dance.cast._parts)}
    return hips, dance


def test_nobody_comes_too_near_while_everything_changes() -> None:
    hips, _ = changing()
    assert np.isfinite(hips[3]).any()
    for a, b in combinations(range(4), 2):
        apart = np.linalg.norm(hips[a] - hips[b], axis=-1)
        apart = apart[np.isfinite(apart)]
        assert apart.min() >= 0.9


def test_nobody_is_carried_over_the_floor_when_everything_changes() -> None:
    hips, _ = changing()
    speed = np.linalg.norm(np.diff(hips, axis=1), axis=-1) * 32.0
    assert np.nanmax(speed) < 5.0


def test_a_new_formation_is_walked_to_and_reached_on_a_downbeat() -> None:
    def controls(i: int) -> Controls:
        return Controls(dancers=3, formation="line" if i < 16 else "wedge")

    joints, dance = danced(40, controls)
    homes = [place.at(np.array([39.5]))[0] for place in dance.cast._floor.places]
    assert min(np.linalg.norm(a - b) for a, b in combinations(homes, 2)) >= 0.9
    hips = joints[:, :, 0][..., [0, 2]]
    step = np.linalg.norm(np.diff(hips, axis=1), axis=-1) * 32.0
    assert step.max() < 4.5
    toes = joints[:, :, [skeleton.INDEX["l_toe"], skeleton.INDEX["r_toe"]]]
    on_floor = toes[:, 1:, :, 1] < 0.05
    slide = np.linalg.norm(np.diff(toes[..., [0, 2]], axis=1), axis=-1) * 32.0
    assert np.mean(slide[on_floor] > 0.5) < 0.08


def test_who_is_under_way_stops_with_the_music_and_goes_on_with_it() -> None:
    def controls(i: int) -> Controls:
        return Controls(dancers=3, formation="line" if i < 16 else "wedge")

    joints, dance = danced(48, controls, is_silent=lambda i: 18 <= i < 25)
    ways = danced(18, controls)[1].cast._floor.places
    assert any(place.journey is not None for place in ways), "the music stops while somebody walks"
    hips = joints[:, :, 0][..., [0, 2]]
    step = np.linalg.norm(np.diff(hips, axis=1), axis=-1) * 32.0
    assert step.max() < 4.5
    rests = slice(round((18 + 1.3) * COMMIT_SAMPLES), round((18 + 5.0) * COMMIT_SAMPLES))
    assert step[:, rests].max() < 0.35
    homes = [place.at(np.array([47.5]))[0] for place in dance.cast._floor.places]
    wedge = formation.slots("wedge", 3, room_for(controls(47)))
    assert all(np.linalg.norm(wedge - home, axis=1).min() < 0.01 for home in homes)


def test_every_way_ends_on_a_downbeat_whenever_it_was_wished() -> None:
    for beat in (20.5, 21.25, 22.0, 23.5):
        dance = Dance(graph(), seed=3, is_choreographed=True)
        dance.roll(int(beat) + 1, Controls(dancers=3, formation="line"))
        dance.at(beat, Controls(dancers=3, formation="wedge"))
        ways = [place.journey for place in dance.cast._floor.places if place.journey is not None]
        assert ways
        assert all((way.start_beat + way.beats) % 4.0 == 0.0 for way in ways)


def test_roles_go_with_the_place() -> None:
    request = a_request(3.5, 0)
    solo = Controls(dancers=3, formation="solo")
    assert [part_of(solo, i, place, 3, request).voice for i, place in enumerate((2, 0, 1))] == [REST, LEAD, REST]
    drop = a_request(3.5, 0, section=Section.DROP)
    assert {part_of(solo, i, i, 3, drop).voice for i in range(3)} == {LEAD}
    call = Controls(dancers=4, formation="call")
    first = [part_of(call, i, i, 4, a_request(0.5, 0)).voice for i in range(4)]
    second = [part_of(call, i, i, 4, a_request(16.5, 0)).voice for i in range(4)]
    assert first == [LEAD, REST, LEAD, REST]
    assert second == [REST, LEAD, REST, LEAD]
    pair = [part_of(Controls(dancers=3, formation="couple"), i, i, 3, request) for i in range(3)]
    assert [(p.voice, p.half) for p in pair] == [(PAIR, 0), (PAIR, 1), (LEAD, None)]


def test_soloists_take_turns_in_front() -> None:
    _, dance = danced(80, Controls(dancers=3, formation="solo"))
    soloists = set()
    again = Dance(graph(), seed=3, is_choreographed=True, parts=LIFELESS)
    for i in range(80):
        again.at(i - 0.5, Controls(dancers=3, formation="solo"))
        soloists.add(again.cast._floor.slots.index(0))
    assert soloists == {0, 1, 2}
    assert len(dance.windows) == 240


def test_couples_stay_together() -> None:
    joints, dance = danced(64, Controls(dancers=2, formation="couple"))
    apart = np.linalg.norm((joints[0, :, 0] - joints[1, :, 0])[:, [0, 2]], axis=-1)
    assert 0.5 < np.median(apart) < 1.0
    assert {w.style for w in dance.windows} == {"salsa"}


def test_a_person_can_add_and_remove_dancers_at_any_beat() -> None:
    numbers = [1, 4, 2, 6, 1, 3]

    def controls(i: int) -> Controls:
        return Controls(dancers=numbers[(i // 7) % 6], formation=FORMATIONS[i // 5 % len(FORMATIONS)])

    _, dance = danced(84, controls)
    for plan in range(84):
        made = [w.dancer for w in dance.windows if w.plan == plan]
        assert made[: numbers[(plan // 7) % 6]] == list(range(numbers[(plan // 7) % 6]))
    assert all(np.isfinite(w.root_position_m).all() for w in dance.windows)


def test_who_is_called_back_goes_on_without_a_jump() -> None:
    def controls(i: int) -> Controls:
        return Controls(dancers=2 if 12 <= i < 18 else 3, formation="line" if i < 12 else "arc")

    joints, dance = danced(40, controls)
    for a, b in combinations(range(3), 2):
        apart = np.linalg.norm((joints[a, :, 0] - joints[b, :, 0])[:, [0, 2]], axis=-1)
        assert apart.min() >= 0.9
    speed = np.linalg.norm(np.diff(joints[:, :, 0][..., [0, 2]], axis=1), axis=-1) * 32.0
    assert speed.max() < 5.0
    ends = [place.at(np.array([39.5]))[0] for place in dance.cast._floor.places]
    assert min(np.linalg.norm(a - b) for a, b in combinations(ends, 2)) >= 0.9


def test_who_is_sent_away_dances_on_until_no_screen_shows_them() -> None:
    _, dance = danced(40, lambda i: Controls(dancers=3 if i < 10 else 1))
    last = max(w.beat_start for w in dance.windows if w.dancer == 2)
    assert 14.0 <= last <= 20.0


def test_a_new_brain_finds_everybody_where_they_were() -> None:
    _, dance = danced(30, lambda i: Controls(dancers=4, formation="line" if i < 12 else "wedge"))
    last = [next(w for w in reversed(dance.windows) if w.dancer == i) for i in range(4)]
    again = Dance(graph(), seed=9, is_choreographed=True)
    again.cast.resume(last)
    windows = again.at(29.5, Controls(dancers=4, formation="wedge"))
    for before, after in zip(last, windows, strict=True):
        assert np.linalg.norm((before.root_position_m[16] - after.root_position_m[0])[[0, 2]]) < 0.01
        assert np.linalg.norm((before.root_position_m[16] - after.root_position_m[-1])[[0, 2]]) < 1.2


def test_notes_tell_every_phrase_once() -> None:
    dance = Dance(graph(), seed=3, is_choreographed=True)
    notes = []
    for i in range(64):
        dance.at(i - 0.5)
        notes += dance.cast.notes
    starts = [n.beat for n in notes]
    assert starts == sorted(set(starts))
    assert all(a.beat + a.beats == b.beat for a, b in pairwise(notes))
    assert {n.role for n in notes} <= {Role.THEME, Role.FILL, Role.BRIDGE}
