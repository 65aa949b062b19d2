import numpy as np
import pytest

from livedance.training.paper import music


def played(seed: int, style: str = "club", bpm: float = 100.0, energy: float = 0.8) -> np.ndarray:
    beats = np.arange(-2, 11) * 60.0 / bpm
    return music.render(beats, np.full(len(beats) - 1, energy), style, 5.0, np.random.default_rng(seed))


@pytest.mark.parametrize("style", sorted(music.FAMILIES))
def test_strokes_fall_on_the_beats_and_not_beside_them(style):
    on = beside = 0.0
    for seed in range(12):
        loud = np.abs(played(seed, style).astype(float))
        for beat in np.arange(9600, 70_000, 9600):
            on += rise(loud, beat)
            beside += max(rise(loud, beat + 1200), 0.0)  # half-way to the next stroke that there can be
    assert on > 4.0 * beside


def rise(loud: np.ndarray, at: int) -> float:
    """How much louder 20 ms are than the 20 ms before."""
    return float(loud[at : at + 320].mean() - loud[at - 320 : at].mean())


def test_the_same_seed_is_the_same_music_and_another_is_not():
    assert np.array_equal(played(1), played(1))
    assert not np.array_equal(played(1), played(2))
    assert played(1).dtype == np.int16
    assert played(1).shape == (80_000,)
    assert np.abs(played(1)).max() > 5_000


def test_an_unknown_style_gets_music_too():
    assert np.array_equal(played(3, "break"), played(3, "groove"))


def test_a_stroke_begins_at_its_sample():
    out = np.zeros(100)
    music._add(out, np.ones(10), 0.002, 0.5)
    assert np.flatnonzero(out).tolist() == list(range(32, 42))
    music._add(out, np.ones(50), -0.001, 1.0)  # began before: only what is left of it
    assert out[:32].tolist() == [1.0] * 32
    music._add(out, np.ones(10), 1.0, 1.0)
    assert out[42:].sum() == 0.0
