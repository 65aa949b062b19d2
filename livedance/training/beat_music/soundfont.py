"""GM soundfonts as note banks: a few notes of each preset, rendered once by fluidsynth and kept in the cache."""

from __future__ import annotations

import shutil
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from livedance.errors import ConfigError
from livedance.messages import F32
from livedance.training.beat_music import samples
from livedance.training.beat_music.kits import Instrument, Kit, Layer
from livedance.training.beat_music.piece import Drum, Tone
from livedance.training.beat_music.samples import RATE_HZ, Recording

PROGRAMS: Final[dict[Tone, tuple[int, ...]]] = {
    "bass": (32, 33, 34, 35, 36, 37, 38, 39),
    "chord": (0, 1, 2, 4, 5, 7, 16, 17, 18, 48, 50, 61, 62, 63),
    "pad": (48, 49, 50, 52, 88, 89, 90, 91, 92, 94, 95),
    "lead": (56, 57, 65, 66, 71, 73, 80, 81, 82, 84, 87),
    "vocal": (52, 53, 54, 85),
    "arp": (6, 8, 11, 80, 81, 88, 98),
    "pluck": (12, 13, 15, 45, 46, 104, 105, 107, 108),
    "guitar": (24, 25, 26, 27, 28, 29, 30),
}
"""GM programs (from 0) that can play a part."""
KITS: Final = {0: "Standard", 8: "Room", 16: "Power", 24: "Electronic", 25: "TR-808", 32: "Jazz", 40: "Brush"}
DRUM_NOTES: Final[dict[Drum, tuple[int, ...]]] = {
    "kick": (35, 36), "snare": (38, 40), "clap": (39,), "rim": (37,), "hat": (42,), "pedal_hat": (44,),
    "open_hat": (46,), "ride": (51, 53, 59), "crash": (49, 57, 55), "tom_low": (41, 43), "tom_mid": (45, 47),
    "tom_high": (48, 50), "shaker": (70, 82), "tambourine": (54,), "cowbell": (56,), "conga": (62, 63, 64),
    "perc": (75, 76, 77, 67),
}  # fmt: skip
STRENGTHS: Final = (50, 85, 120)
BASS_PITCHES: Final = tuple(range(28, 60, 5))
PITCHES: Final = tuple(range(40, 90, 5))
CELL_S: Final = 2.0
"""Time of one note in the bank; it is let go a little before its end."""
_TICKS_S: Final = 480
_DRUM_CHANNEL: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One note of the MIDI file that fills a bank."""

    program: int
    pitch: int
    strength: int
    is_drum: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One instrument of a soundfont: rows of an array of notes."""

    name: str
    program: int
    path: Path
    rows: dict[tuple[int, int], int]
    """(pitch, strength) to row."""

    def note(self, pitch: int, velocity: float) -> F32:
        """Return the note (N,), peak 1, at the MIDI pitch asked for."""
        nearest = min({p for p, _ in self.rows}, key=lambda p: abs(p - pitch))
        strength = min({s for _, s in self.rows}, key=lambda s: abs(s - 127 * velocity))
        sound = Recording(path=self.path, row=self.rows[nearest, strength]).samples()
        return samples.at_speed(sound, 2 ** ((pitch - nearest) / 12))


def hits() -> tuple[Hit, ...]:
    """Return all notes of a bank, in the order of their rows."""
    programs = sorted({p for group in PROGRAMS.values() for p in group})
    tones = (
        Hit(program=program, pitch=pitch, strength=strength, is_drum=False)
        for program in programs
        for pitch in (BASS_PITCHES if program in PROGRAMS["bass"] else PITCHES)
        for strength in STRENGTHS[1:]
    )
    drums = (
        Hit(program=kit, pitch=note, strength=strength, is_drum=True)
        for kit in KITS
        for notes in DRUM_NOTES.values()
        for note in notes
        for strength in STRENGTHS
    )
    return (*tones, *drums)


def bank(font: Path, cache: Path) -> tuple[tuple[Preset, ...], tuple[Kit, ...]]:
    """Return the presets and drum kits of `font`; renders them into `cache` the first time (a minute).

    Raises `ConfigError` when fluidsynth is not installed or fails.
    """
    wanted = hits()
    path = cache / f"notes-{font.stem}-{zlib.crc32(repr(wanted).encode()):08x}.npy"
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        _write_bank(render(font, wanted), len(wanted), path)
    return _presets(font, path, wanted), _kits(font, path, wanted)


def render(font: Path, wanted: Sequence[Hit]) -> F32:
    """Return the notes one after the other, `CELL_S` each, mono at `RATE_HZ`; dry."""
    program = shutil.which("fluidsynth")
    if program is None:
        raise ConfigError("'fluidsynth' is not installed, it plays the soundfonts: apt install fluidsynth")
    with tempfile.TemporaryDirectory() as folder:
        score, sound = Path(folder) / "notes.mid", Path(folder) / "notes.wav"
        score.write_bytes(midi(wanted))
        command = [
            program,
            "-ni",
            "-q",
            "-C",
            "0",
            "-R",
            "0",
            "-g",
            "0.8",
            "-r",
            str(RATE_HZ),
            "-O",
            "s16",
            "-T",
            "wav",
        ]
        done = subprocess.run([*command, "-F", str(sound), str(font), str(score)], capture_output=True, check=False)
        if done.returncode or not sound.is_file():
            raise ConfigError(f"fluidsynth cannot play '{font}': {done.stderr.decode(errors='replace').strip()[-200:]}")
        return samples.read_mono(sound)


def midi(wanted: Sequence[Hit]) -> bytes:
    """Return a standard MIDI file (format 0, 60 BPM) with one note in each cell of `CELL_S`."""
    track = b"\x00\xff\x51\x03" + (1_000_000).to_bytes(3, "big")
    cell, hold = int(CELL_S * _TICKS_S), int(0.85 * CELL_S * _TICKS_S)
    for hit in wanted:
        channel = _DRUM_CHANNEL if hit.is_drum else 0
        track += bytes((0, 0xC0 | channel, hit.program, 0, 0x90 | channel, hit.pitch, hit.strength))
        track += _variable(hold) + bytes((0x80 | channel, hit.pitch, 0))
        # An event without effect ends the cell.
        track += _variable(cell - hold) + bytes((0xB0 | channel, 20, 0))
    track += b"\x00\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, _TICKS_S) + b"MTrk" + struct.pack(">I", len(track)) + track


def _variable(number: int) -> bytes:
    """Return a MIDI variable-length quantity."""
    out = bytes((number & 0x7F,))
    while number := number >> 7:
        out = bytes((0x80 | number & 0x7F,)) + out
    return out


def _write_bank(sound: F32, n_hits: int, path: Path) -> None:
    cell = int(CELL_S * RATE_HZ)
    padded = np.zeros(n_hits * cell, np.float32)
    padded[: min(len(sound), len(padded))] = sound[: len(padded)]
    partial = path.with_suffix(".part.npy")
    np.save(partial, np.round(padded.reshape(n_hits, cell) * 32767).astype(np.int16))
    partial.rename(path)


def _presets(font: Path, path: Path, wanted: Sequence[Hit]) -> tuple[Preset, ...]:
    rows: dict[int, dict[tuple[int, int], int]] = {}
    for row, hit in enumerate(wanted):
        if not hit.is_drum:
            rows.setdefault(hit.program, {})[hit.pitch, hit.strength] = row
    return tuple(Preset(name=f"{font.stem}:{p}", program=p, path=path, rows=r) for p, r in rows.items())


def _kits(font: Path, path: Path, wanted: Sequence[Hit]) -> tuple[Kit, ...]:
    row_of = {(hit.program, hit.pitch, hit.strength): row for row, hit in enumerate(wanted) if hit.is_drum}
    return tuple(_kit(font, path, program, name, row_of) for program, name in KITS.items())


def _kit(font: Path, path: Path, program: int, name: str, row_of: dict[tuple[int, int, int], int]) -> Kit:
    def instrument(note: int) -> Instrument:
        layers = tuple(
            Layer(top=s / 110, recording=Recording(path=path, row=row_of[program, note, s])) for s in STRENGTHS
        )
        return Instrument(name=str(note), layers=layers)

    drums: dict[Drum, tuple[Instrument, ...]] = {p: tuple(map(instrument, notes)) for p, notes in DRUM_NOTES.items()}
    return Kit(name=f"{font.stem}:{name}", family="electronic" if program in (24, 25) else "acoustic", drums=drums)
