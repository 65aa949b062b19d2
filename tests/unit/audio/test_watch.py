from __future__ import annotations

import pytest

from livedance.audio.source import SourceHealth
from livedance.audio.watch import Watchdog


def run(dog: Watchdog, start: float, end: float, *, blocks: bool, zero: bool = False) -> SourceHealth:
    """Step time in 10 ms; a block every step when `blocks`."""
    health = SourceHealth.OPENING
    for i in range(round((end - start) / 0.01)):
        now = start + i * 0.01
        if blocks:
            dog.heard(now, is_zero=zero)
        health = dog.health(now)
    return health


def opened() -> Watchdog:
    dog = Watchdog(platform="linux")
    dog.start(0.0)
    return dog


def test_the_first_block_may_take_four_seconds() -> None:
    dog = opened()
    assert run(dog, 0.0, 3.9, blocks=False) is SourceHealth.OPENING
    assert run(dog, 3.9, 4.1, blocks=False) is SourceHealth.LOST


def test_lost_after_a_quarter_second_without_blocks() -> None:
    dog = opened()
    assert run(dog, 0.0, 1.0, blocks=True) is SourceHealth.OK
    assert run(dog, 1.0, 1.2, blocks=False) is SourceHealth.OK
    assert run(dog, 1.2, 1.3, blocks=False) is SourceHealth.LOST


def test_a_block_brings_it_back() -> None:
    dog = opened()
    run(dog, 0.0, 1.0, blocks=True)
    assert run(dog, 1.0, 2.0, blocks=False) is SourceHealth.LOST
    assert run(dog, 2.0, 2.1, blocks=True) is SourceHealth.OK


def test_a_watcher_that_was_held_up_does_not_blame_the_device() -> None:
    dog = opened()
    run(dog, 0.0, 1.0, blocks=True)
    assert dog.health(1.6) is SourceHealth.OK


@pytest.mark.parametrize("event", ["moved", "ended"])
def test_moved_and_ended_are_lost_at_once(event: str) -> None:
    dog = opened()
    run(dog, 0.0, 1.0, blocks=True)
    getattr(dog, event)()
    assert run(dog, 1.0, 1.5, blocks=True) is SourceHealth.LOST


def test_two_seconds_of_zeros_are_suspect_and_sound_clears_it() -> None:
    dog = opened()
    assert run(dog, 0.0, 1.9, blocks=True, zero=True) is SourceHealth.OK
    assert run(dog, 1.9, 2.2, blocks=True, zero=True) is SourceHealth.SUSPECT
    assert run(dog, 2.2, 2.3, blocks=True) is SourceHealth.OK


def test_zeros_from_the_start_are_a_refusal_on_macos_only() -> None:
    mac = Watchdog(platform="darwin")
    mac.start(0.0)
    assert run(mac, 0.0, 2.2, blocks=True, zero=True) is SourceHealth.REFUSED
    run(mac, 2.2, 2.5, blocks=True)
    assert run(mac, 2.5, 5.0, blocks=True, zero=True) is SourceHealth.SUSPECT
