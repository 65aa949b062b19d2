import numpy as np
import pytest

from livedance.training.beat_music import effects
from tests.unit.training.beat_music.tiny_sounds import RATE, blip


def _noise(n=RATE):
    return np.random.default_rng(0).standard_normal(n).astype(np.float32) * 0.2


@pytest.mark.parametrize(
    "effect",
    [
        lambda x: effects.filtered(x, "high", 100),
        lambda x: effects.shelved(x, "high", 3_000, -6.0),
        lambda x: effects.belled(x, 1_000, 1.0, 6.0),
        lambda x: effects.echoed(x, 0.1, 0.5, 0.5),
        lambda x: effects.in_room(x, effects.room_response(np.random.default_rng(1), 0.5), 0.3),
        lambda x: effects.driven(x, 2.0),
        lambda x: effects.limited(x * 4),
        lambda x: effects.swept(x, "low", np.full(effects.sweep_steps(len(x)), 12_000.0)),
    ],
)
def test_no_effect_delays_an_onset(effect):
    dry = np.concatenate([np.zeros(5_000, np.float32), blip(0.9), np.zeros(20_000, np.float32)])
    wet = effect(dry)
    assert len(wet) == len(dry)
    assert np.abs(wet[:4_990]).max() < 1e-6
    assert np.argmax(np.abs(wet) > 0.5 * np.abs(wet).max()) == pytest.approx(5_000, abs=4)


def test_filters_take_what_they_say():
    low, high = effects.filtered(_noise(), "low", 500, 4), effects.filtered(_noise(), "high", 5_000, 4)
    freq = np.fft.rfftfreq(RATE, 1 / RATE)
    for sound, gone in ((low, freq > 2_000), (high, freq < 1_500)):
        power = np.abs(np.fft.rfft(sound)) ** 2
        assert power[gone].sum() < 0.02 * power.sum()


def test_a_sweep_opens():
    cutoffs = np.geomspace(100, 15_000, effects.sweep_steps(RATE))
    swept = effects.swept(_noise(), "low", cutoffs)
    assert np.std(swept[-5_000:]) > 5 * np.std(swept[:5_000])


def test_the_limiter_holds_its_ceiling_and_leaves_quiet_sound_alone():
    loud = effects.limited(_noise() * 20, 0.8)
    assert np.abs(loud).max() <= 0.85
    quiet = _noise() * 0.1
    np.testing.assert_allclose(effects.limited(quiet), quiet, atol=1e-6)


def test_ducking_pushes_down_at_hits_and_comes_back():
    ones = np.ones(RATE, np.float32)
    gain = effects.ducked(ones, np.array([10_000]), 0.8, 0.2)
    assert gain[9_000] == pytest.approx(1.0)
    assert gain[10_100] == pytest.approx(0.2, abs=0.05)
    assert gain[10_000 + 9_000] == pytest.approx(1.0, abs=0.01)
    np.testing.assert_array_equal(effects.ducked(ones, np.zeros(0, np.int64), 0.8, 0.2), ones)


def test_echoes_repeat_at_their_time():
    click = np.zeros(RATE, np.float32)
    click[0] = 1.0
    wet = effects.echoed(click, 0.25, 0.5, 0.6)
    assert wet[11_025] == pytest.approx(0.6)
    assert wet[22_050] == pytest.approx(0.3)


def test_a_room_has_the_energy_and_the_length_that_were_asked_for():
    response = effects.room_response(np.random.default_rng(2), 1.0)
    assert np.sum(response**2) == pytest.approx(1.0, rel=1e-3)
    assert len(response) == RATE
    assert np.sum(response[: RATE // 4] ** 2) > 0.9
