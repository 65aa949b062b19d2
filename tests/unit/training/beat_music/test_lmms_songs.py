import zlib

import numpy as np
import pytest

from livedance.errors import ConfigError, FileError
from livedance.messages import Section
from livedance.training.beat_music import clips, lmms, lmms_songs
from tests.unit.training.beat_music.tiny_sounds import RATE, blip

XML = (
    '<?xml version="1.0"?><lmms-project><head timesig_numerator="{n}" bpm="{bpm}" timesig_denominator="4"/>'
    "<song>{song}</song></lmms-project>"
)


def _write(path, bpm=120, n=4, song=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = XML.format(bpm=bpm, n=n, song=song).encode()
    packed = len(text).to_bytes(4, "big") + zlib.compress(text)
    path.write_bytes(packed if path.suffix == ".mmpz" else text)


def _beats(bpm, seconds, quiet=()):
    audio = np.zeros(int(seconds * RATE), np.float32)
    for beat in np.arange(0, seconds - 0.1, 60 / bpm):
        if not any(a <= beat < b for a, b in quiet):
            start = round(beat * RATE)
            audio[start : start + 2_000] += blip()
    return audio


def test_only_the_songs_that_may_be_used_are_opened(tmp_path):
    _write(tmp_path / "demos" / "Skiessi" / "Skiessi-A.mmpz")
    _write(tmp_path / "shorties" / "Crunk(Demo).mmp", bpm=130)
    (tmp_path / "demos" / "Other-Song.mmpz").write_bytes(b"would not unpack")
    found = lmms_songs.find(tmp_path)
    assert [(song.name, song.artist, song.bpm) for song in found] == [
        ("Skiessi-A", "Skiessi", 120),
        ("Crunk(Demo)", "Crunk", 130),
    ]


def test_a_song_whose_tempo_is_automated_is_left_out(tmp_path):
    path = tmp_path / "Settel-A.mmp"
    path.write_text('<lmms-project><head><bpm value="120" id="1"/></head></lmms-project>')
    assert lmms_songs.find(tmp_path) == ()


def test_songs_with_recorded_loops_keep_their_tempo(tmp_path):
    _write(tmp_path / "Settel-A.mmp", song='<a src="drums/kick01.ogg"/>')
    _write(tmp_path / "Settel-B.mmp", song='<a src="beats/house_loop01.ogg"/>')
    free, bound = lmms_songs.find(tmp_path)
    assert free.tempi == (110, 120, 127, 136)
    assert bound.tempi == (120,)


@pytest.mark.parametrize(("numerator", "meter"), [(4, 4), (8, 4), (3, 3)])
def test_meters(tmp_path, numerator, meter):
    _write(tmp_path / "Oglsdl-A.mmp", n=numerator)
    assert lmms_songs.find(tmp_path)[0].meter == meter


def test_the_project_is_rendered_at_the_tempo_and_the_grid_is_exact(tmp_path, monkeypatch):
    _write(tmp_path / "CapDan-A.mmpz", bpm=120)
    seen = []

    def rendered(xml):
        seen.append(xml)
        return _beats(132, 12)

    monkeypatch.setattr(lmms, "rendered", rendered)
    audio, truth = lmms_songs.render(lmms_songs.find(tmp_path)[0], 132)
    assert 'bpm="132"' in seen[0]
    np.testing.assert_allclose(np.diff(truth.beat_s), 60 / 132)
    assert truth.beat_s[0] == 0.0
    assert truth.genre == "lmms:CapDan-A"
    assert np.abs(audio).max() == pytest.approx(0.9)


def test_a_break_is_measured_bar_by_bar():
    truth = lmms_songs.truth_of(_beats(120, 24, quiet=[(8, 16)]), 120, 4, "x")
    np.testing.assert_allclose(truth.rhythm, [(0.0, 8.0), (16.0, 24.0)])
    assert [section for _, section in truth.sections] == [Section.GROOVE, Section.BREAK, Section.GROOVE]


def test_the_onset_envelope_rises_at_onsets():
    audio = np.zeros(RATE, np.float32)
    audio[22_050:24_050] = blip()
    envelope = lmms_songs.onset_envelope(audio)
    assert len(envelope) == RATE // lmms_songs.ONSET_HOP
    at_s = np.argmax(envelope) * lmms_songs.ONSET_HOP / RATE
    assert 0.5 <= at_s <= 0.512


def test_songs_are_written_once_their_own_tempo_first(tmp_path, monkeypatch):
    _write(tmp_path / "projects" / "Momo64-A.mmpz")
    monkeypatch.setattr(lmms, "rendered", lambda xml: _beats(120, 4))
    jobs = lmms_songs.wanted(tmp_path, tmp_path / "projects")
    assert [job.bpm for job in jobs] == [120, 110, 127, 136]
    assert list(lmms_songs.make(jobs[:1])) == ["Momo64-A@120"]
    assert len(lmms_songs.wanted(tmp_path, tmp_path / "projects")) == 3
    (stem,) = clips.stems(lmms_songs.folder(tmp_path))
    audio, truth = clips.read(stem)
    assert len(audio) == 4 * RATE
    assert len(truth.beat_s) == 8


def test_what_is_missing_or_broken_is_named(tmp_path):
    with pytest.raises(ConfigError, match="apt install lmms-common"):
        lmms_songs.find(tmp_path / "nowhere")
    (tmp_path / "Settel-A.mmpz").write_bytes(b"0000broken")
    with pytest.raises(FileError, match=r"Settel-A\.mmpz"):
        lmms.project_xml(tmp_path / "Settel-A.mmpz")
