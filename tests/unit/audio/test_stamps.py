from __future__ import annotations

import pytest

from livedance.audio.stamps import Stamps

BLOCK_S = 0.01


def run(ages: list[float]) -> list[float]:
    """Return what each block's stamp is off from the true time of its first sample; blocks arrive 5 ms late."""
    stamps = Stamps()
    off = []
    for i, age in enumerate(ages):
        true_s = 100.0 + i * BLOCK_S
        arrival_s = true_s + BLOCK_S + 0.005
        found = stamps.first_sample_s(stream_s=i * BLOCK_S, duration_s=BLOCK_S, arrival_s=arrival_s, age_s=age)
        off.append(found - true_s)
    return off


def test_a_steady_device_stamp_is_believed_after_a_second() -> None:
    off = run([0.015] * 300)
    assert off[50] == pytest.approx(0.005)
    assert off[-1] == pytest.approx(0.0)


@pytest.mark.parametrize("age", [0.0, -1.0, 5.0])
def test_silly_stamps_fall_back_to_the_arrival(age: float) -> None:
    assert run([age] * 300)[-1] == pytest.approx(0.005)


def test_a_wrong_beginning_that_jumps_into_place_is_never_believed() -> None:
    off = run([0.150] * 70 + [0.015] * 300)
    assert min(off) >= -1e-9
    assert off[-1] == pytest.approx(0.0)


def test_a_stamp_that_keeps_jumping_is_never_believed() -> None:
    off = run([0.015, 0.045] * 200)
    assert set(round(v, 6) for v in off) == {0.005}


def test_a_line_that_creeps_into_place_is_not_believed_before_it_stays() -> None:
    stamps, chosen = Stamps(), []
    for index in range(600):
        stream_s = index * 0.0058
        early_s = 0.418 * min(1.0, max(0.0, (1.25 - stream_s) / 0.35))
        arrival_s = 100.0 + stream_s + 0.0058 + 0.008
        age_s = 0.0058 + 0.008 + early_s
        first_s = stamps.first_sample_s(stream_s=stream_s, duration_s=0.0058, arrival_s=arrival_s, age_s=age_s)
        chosen.append(first_s - stream_s - 100.0)
    assert min(chosen) > -0.001


def test_a_believed_line_may_drift_slowly() -> None:
    stamps = Stamps()
    for index in range(6000):
        stream_s = index * 0.1
        arrival_s = 100.0 + stream_s * (1 + 200e-6) + 0.1 + 0.03 * (index % 3)
        device_s = 100.0 + stream_s * (1 + 200e-6)
        first_s = stamps.first_sample_s(
            stream_s=stream_s, duration_s=0.1, arrival_s=arrival_s, age_s=arrival_s - device_s
        )
        if stream_s > 3.0:
            assert abs(first_s - device_s) < 1e-6
