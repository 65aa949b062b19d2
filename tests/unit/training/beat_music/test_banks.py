import shutil
import struct

import numpy as np
import pytest

from livedance.errors import ConfigError
from livedance.training.beat_music import banks, lmms, machines, soundfont
from livedance.training.beat_music.banks import Places
from tests.unit.training.beat_music.tiny_sounds import NOWHERE, RATE, blip, write_kit


def _places(tmp_path):
    for name in ("Tiny", "VariBreaks"):
        write_kit(tmp_path / "kits", name)
    return Places(hydrogen=tmp_path / "kits", soundfonts=(), drums=(), lmms=None)


def test_training_never_hears_a_held_out_kit(tmp_path):
    places = _places(tmp_path)
    assert [kit.name for kit in banks.find("train", places).kits] == ["Tiny"]
    assert [kit.name for kit in banks.find("held-out", places).kits] == ["VariBreaks"]


def test_presets_are_split_by_program(tmp_path, monkeypatch):
    font = tmp_path / "Tiny.sf2"
    font.touch()
    monkeypatch.setattr(soundfont, "render", lambda font, wanted: np.zeros(10, np.float32))
    monkeypatch.setattr(soundfont, "hits", lambda: tuple(_hit(program) for program in (0, 2, 33, 34)))
    monkeypatch.setattr(soundfont, "_kits", lambda *args: ())
    places = Places(hydrogen=None, soundfonts=(font,), drums=(), lmms=None, cache=tmp_path)
    assert {p.program for p in banks.find("train", places).presets} == {0, 33}
    assert {p.program for p in banks.find("held-out", places).presets} == {2, 34}


def _hit(program, pitch=60, strength=85):
    return soundfont.Hit(program=program, pitch=pitch, strength=strength, is_drum=False)


def test_seeds_belong_to_one_split():
    assert banks.split_of(999_999) == "train"
    assert banks.split_of(1_000_000) == "held-out"


@pytest.mark.parametrize(
    ("place", "package"),
    [
        ({"hydrogen": "/nowhere/hydrogen/kits"}, "hydrogen-drumkits"),
        ({"soundfonts": ("/nowhere/FluidR3_GM.sf2",)}, "fluid-soundfont-gm"),
        ({"lmms": "/nowhere/lmms/samples"}, "lmms-common"),
    ],
)
def test_a_missing_package_is_named(place, package):
    from pathlib import Path

    paths = {k: tuple(map(Path, v)) if isinstance(v, tuple) else Path(v) for k, v in place.items()}
    empty = {"hydrogen": None, "soundfonts": (), "drums": (), "lmms": None}
    with pytest.raises(ConfigError, match=f"apt install {package}"):
        banks.find("train", Places(**{**empty, **paths}))


def test_nothing_is_enough():
    assert banks.find("train", NOWHERE) == banks.Banks()


def test_programs_that_are_missing_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ConfigError, match="apt install fluidsynth"):
        soundfont.render(tmp_path / "a.sf2", ())
    with pytest.raises(ConfigError, match="apt install lmms"):
        lmms.rendered("<x/>")


def test_the_midi_file_has_one_note_in_each_cell():
    data = soundfont.midi((_hit(33, 40, 85), soundfont.Hit(program=25, pitch=36, strength=120, is_drum=True)))
    length, form, tracks, ticks = struct.unpack(">IHHH", data[4:14])
    assert (data[:4], length, form, tracks, ticks) == (b"MThd", 6, 0, 1, 480)
    events = list(_events(data[22:]))
    ons = [(t, status & 15, a, b) for t, status, a, b in events if status >> 4 == 9]
    assert ons == [(0, 0, 40, 85), (960, 9, 36, 120)]
    assert [t for t, status, *_ in events if status >> 4 == 8] == [816, 960 + 816]


def _events(track):
    at, i = 0, 0
    while i < len(track):
        delta = 0
        while True:
            byte = track[i]
            i += 1
            delta = delta << 7 | byte & 0x7F
            if byte < 0x80:
                break
        at += delta
        status = track[i]
        if status == 0xFF:
            i += 3 + track[i + 2]
            continue
        n = 1 if status >> 4 == 0xC else 2
        yield at, status, track[i + 1], track[i + 2] if n == 2 else 0
        i += 1 + n


def test_a_bank_is_rendered_once_and_transposes_its_nearest_note(tmp_path, monkeypatch):
    calls = []

    def render(font, wanted):
        calls.append(font)
        t = np.arange(int(soundfont.CELL_S * RATE)) / RATE
        return np.concatenate([0.5 * np.sin(2 * np.pi * 440 * 2 ** ((h.pitch - 69) / 12) * t) for h in wanted])

    wanted = (_hit(0, 60), _hit(0, 72))
    monkeypatch.setattr(soundfont, "render", render)
    monkeypatch.setattr(soundfont, "hits", lambda: wanted)
    monkeypatch.setattr(soundfont, "_kits", lambda *args: ())
    for _ in range(2):
        ((preset,), _) = soundfont.bank(tmp_path / "Tiny.sf2", tmp_path)
    assert len(calls) == 1
    note = preset.note(69, 0.8)[: RATE // 2]
    assert np.argmax(np.abs(np.fft.rfft(note))) * 2 == pytest.approx(440, abs=3)


def test_machines_are_kits_by_folder(tmp_path, monkeypatch):
    for name in ("tr808/Kick.ds", "tr808/Hat_o.ds", "misc_claps/clap2.ds", "effects/thunder.ds"):
        (tmp_path / "drumsynth" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "drumsynth" / name).touch()
    cell = np.zeros(int(machines.CELL_S * RATE), np.float32)
    cell[:2_000] = blip()
    monkeypatch.setattr(lmms, "rendered", lambda xml: np.tile(cell, xml.count("<track ")))
    found = {kit.name: kit for kit in machines.kits(tmp_path, tmp_path / "cache")}
    assert set(found) == {"drumsynth tr808", "drumsynth other"}
    assert set(found["drumsynth tr808"].drums) == {"kick", "open_hat"}
    kick = found["drumsynth tr808"].drums["kick"][0].layers[0].recording.samples()
    assert np.abs(kick).max() == pytest.approx(1.0)
    monkeypatch.setattr(lmms, "rendered", lambda xml: pytest.fail("rendered twice"))
    machines.kits(tmp_path, tmp_path / "cache")
