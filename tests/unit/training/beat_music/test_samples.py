import numpy as np
import pytest
import soundfile

from livedance.errors import FileError
from livedance.training.beat_music import samples
from livedance.training.beat_music.samples import Recording
from tests.unit.training.beat_music.tiny_sounds import RATE, blip


def test_silence_before_the_attack_is_cut_so_that_hits_sit_on_the_beat():
    sound = samples.from_attack(blip(0.2, lead=700))
    assert sound[0] == pytest.approx(1.0)
    assert len(sound) == 2_000


def test_silence_is_an_empty_sound():
    assert len(samples.from_attack(np.zeros(100, np.float32))) == 0


def test_a_file_of_another_rate_and_two_channels_is_mono_at_our_rate(tmp_path):
    tone = np.sin(2 * np.pi * 441 * np.arange(22_050) / 22_050)
    soundfile.write(tmp_path / "a.wav", np.stack([tone, tone], axis=1), 22_050)
    sound = samples.read_mono(tmp_path / "a.wav")
    assert len(sound) == pytest.approx(RATE, abs=2)
    spectrum = np.abs(np.fft.rfft(sound[:RATE]))
    assert np.argmax(spectrum) == pytest.approx(441, abs=1)


def test_a_row_of_an_array_is_a_recording(tmp_path):
    rows = np.zeros((2, 3_000), np.int16)
    rows[1, 100:] = 16_000
    np.save(tmp_path / "notes.npy", rows)
    sound = Recording(path=tmp_path / "notes.npy", row=1).samples()
    assert len(sound) == 2_900
    assert sound.max() == pytest.approx(1.0)


def test_an_unreadable_file_is_named(tmp_path):
    (tmp_path / "bad.ogg").write_bytes(b"RIFFxxxx")
    assert not samples.is_readable(tmp_path / "bad.ogg")
    with pytest.raises(FileError, match=r"bad\.ogg"):
        samples.read_mono(tmp_path / "bad.ogg")


def test_twice_the_speed_is_an_octave_up_and_half_as_long():
    tone = np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE).astype(np.float32)
    fast = samples.at_speed(tone, 2.0)
    assert len(fast) == pytest.approx(RATE / 2, abs=1)
    assert np.argmax(np.abs(np.fft.rfft(fast))) * RATE / len(fast) == pytest.approx(400, abs=2)


def test_a_held_note_ends_with_its_length_and_a_long_one_is_looped():
    tone = np.sin(np.arange(20_000) * 0.05).astype(np.float32)
    assert len(samples.held(tone, 5_000)) == 6_500
    assert samples.held(tone, 5_000)[-1] == pytest.approx(0.0, abs=1e-6)
    long = samples.held(tone, 60_000)
    assert len(long) == 61_500
    assert np.abs(long[40_000:58_000]).max() > 0.5


def test_what_lies_outside_is_left_out():
    target = np.zeros(10, np.float32)
    sound = np.arange(1, 5, dtype=np.float32)
    samples.add_at(target, sound, -2)
    samples.add_at(target, sound, 8, 2.0)
    samples.add_at(target, sound, 40)
    assert target.tolist() == [3, 4, 0, 0, 0, 0, 0, 0, 2, 4]
