from pathlib import Path

import numpy as np
import pytest

from livedance.dance.library import MotionLibrary
from livedance.errors import FileError
from livedance.evaluation.clicks import write_wav
from livedance.training.beat_music.banks import Banks
from livedance.training.dance import soundtrack
from livedance.training.dance.soundtrack import Heard

BEATS_S = 3.0 + np.arange(25) * 0.5


def made(energy: np.ndarray, seed: int = 4) -> soundtrack.Soundtrack:
    return soundtrack.make(BEATS_S, energy, np.random.default_rng(seed), Banks())


def test_the_same_take_and_seed_sound_the_same_and_another_seed_does_not():
    clip = MotionLibrary.shipped().clip("m2m_body-roll")
    one, again, other = (soundtrack.of_clip(clip, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.samples, again.samples)
    assert len(one.samples) != len(other.samples) or not np.array_equal(one.samples, other.samples)


def test_the_beats_of_a_clip_are_kept_as_they_were_danced_or_steady():
    clip = MotionLibrary.shipped().clip("m2m_body-roll")
    danced, steady = soundtrack.of_clip(clip, 1), soundtrack.of_clip(clip, 1, bpm=100.0)
    assert np.allclose(np.diff(danced.beats_s), np.diff(clip.beat_times_s), atol=1e-9)
    assert np.allclose(np.diff(steady.beats_s), 0.6, atol=1e-9)


def test_the_product_hears_the_beats_where_they_were_written():
    music = made(np.full(24, 0.7))
    heard = soundtrack.hear(music.samples)
    at = np.searchsorted(heard.t_s, music.beats_s[:-1])
    off = (heard.beat_position[at] + 0.5) % 1.0 - 0.5
    assert abs(np.median(off)) < 0.08
    assert np.median(heard.tempo_bpm[at]) == pytest.approx(120.0, rel=0.03)


def test_music_follows_the_energy_of_the_take():
    music = made(np.repeat([0.05, 0.95], 12))
    heard = soundtrack.hear(music.samples).over(music.beats_s)
    rms = heard[:, soundtrack.NAMES.index("rms")]
    assert rms[14:].mean() > 1.3 * rms[:10].mean()


def test_there_is_music_before_and_after_the_take():
    music = made(np.full(24, 0.5))
    assert music.beats_s[0] >= soundtrack.LEAD_BEATS * 0.5 - 1e-9
    assert len(music.samples) / 44_100 >= music.beats_s[-1] + 0.5


def test_a_break_lies_where_the_take_is_calmest():
    energy = np.full(40, 0.8)
    energy[20:28] = 0.2
    found = [soundtrack._break(energy, np.random.default_rng(seed)) for seed in range(20)]
    assert None in found
    assert {pause for pause in found if pause} <= {(first, first + n) for n in (4, 8) for first in range(20, 25)}
    assert any(found)


def test_a_stretch_without_a_hop_has_what_was_known_then():
    values = np.arange(4, dtype=np.float32)[:, None].repeat(len(soundtrack.NAMES), axis=1)
    nowhere = np.full(4, np.nan)
    heard = Heard(t_s=np.array([1.0, 2.0, 3.0, 4.0]), values=values, beat_position=nowhere, tempo_bpm=np.zeros(4))
    assert heard.over(np.array([0.5, 2.0, 2.1, 2.2, 4.0]))[:, 0].tolist() == [0.5, 1.0, 1.0, 2.5]


def test_one_shots_of_a_folder_are_played_and_a_folder_without_any_is_refused(tmp_path: Path):
    with pytest.raises(FileError):
        soundtrack.sounds(tmp_path)
    write_wav(tmp_path / "kick.wav", np.sin(np.arange(4_000) / 20.0, dtype=np.float32))
    assert set(soundtrack.sounds(tmp_path).kits[0].drums) == {"kick"}
