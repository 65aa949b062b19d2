import numpy as np
import pytest

from livedance.training.beat_music import kits, mixer, palette
from livedance.training.beat_music.banks import Banks
from livedance.training.beat_music.piece import Note, Piece, Tempo
from tests.unit.training.beat_music.tiny_sounds import NO_BANKS, RATE, piece, write_kit


def _attacks(audio):
    """Times at which the level rises from near silence to a fifth of the peak."""
    size = np.abs(audio) / np.abs(audio).max()
    loud = np.flatnonzero(size > 0.2)
    return loud[np.insert(np.diff(loud) > 6_000, 0, True)] / RATE


@pytest.mark.parametrize("seed", range(3))
def test_hits_sound_on_the_beats_of_the_truth(tmp_path, seed):
    banks = Banks(kits=(kits.hydrogen_kit(write_kit(tmp_path, "Tiny")),))
    music = piece(bpm=100.0, bars=4)
    audio = mixer.render(music, banks, np.random.default_rng(seed))
    expected = [note.beat * 0.6 for note in music.notes]
    assert len(audio) == round(16 * 0.6 * RATE)
    np.testing.assert_allclose(_attacks(audio), expected, atol=0.004)


def test_a_tempo_curve_is_followed():
    tempo = Tempo(beat=(0.0, 16.0), bpm=(90.0, 120.0))
    music = piece(bars=4)
    music = Piece(genre="x", notes=music.notes, tempo=tempo, beats=music.beats, meter=4, spans=music.spans)
    audio = mixer.render(music, NO_BANKS, np.random.default_rng(5))
    np.testing.assert_allclose(_attacks(audio), [tempo.seconds(n.beat) for n in music.notes], atol=0.006)


def test_the_same_seed_gives_the_same_samples():
    music = piece(parts=("kick", "hat", "bass", "pad"))
    first, again, other = (mixer.render(music, NO_BANKS, np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.abs(first).max() <= 1.0


def test_a_window_begins_where_it_is_asked_to(tmp_path):
    banks = Banks(kits=(kits.hydrogen_kit(write_kit(tmp_path, "Tiny")),))
    music = piece(bpm=120.0, bars=8)
    audio = mixer.render(music, banks, np.random.default_rng(4), start_s=1.75, duration_s=4.0)
    assert len(audio) == 4 * RATE
    np.testing.assert_allclose(_attacks(audio)[:3], [0.25, 0.75, 1.25], atol=0.006)


def test_an_open_hat_is_choked_by_the_next_one():
    notes = tuple(Note(beat=b, beats=1, part=p, pitch=0, velocity=1) for b, p in ((0, "open_hat"), (1, "pedal_hat")))
    at = np.array([0.0, 0.1])
    ringing = np.ones(RATE, np.float32)
    cut = mixer._choked(ringing, 0.0, mixer._chokes(notes, at))
    assert len(cut) == 4_410 + 400
    assert cut[-1] == pytest.approx(0.0, abs=1e-6)
    assert mixer._choked(ringing, 0.1, mixer._chokes(notes, at)) is ringing


def test_a_missing_part_is_played_by_its_nearest_or_a_machine(tmp_path):
    banks = Banks(kits=(kits.hydrogen_kit(write_kit(tmp_path, "Tiny")),))
    for seed in range(10):
        voices = palette.draw({"clap", "ride", "kick"}, "rock", 0.5, banks, np.random.default_rng(seed))
        assert all(len(voices.sound(part, 0, 0.1, 0.7)) for part in ("clap", "ride", "kick"))


def test_equal_notes_are_made_once():
    voices = palette.draw({"lead"}, "house", 0.5, NO_BANKS, np.random.default_rng(0))
    assert voices.sound("lead", 60, 0.25, 0.8) is voices.sound("lead", 60, 0.25, 0.8)
    assert voices.sound("lead", 60, 0.25, 0.8) is not voices.sound("lead", 61, 0.25, 0.8)
