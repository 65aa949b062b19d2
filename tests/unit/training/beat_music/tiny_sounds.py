"""Tiny drum kits, clicks and pieces for the tests of the training music."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from livedance.messages import F32, Section
from livedance.training.beat_music.banks import Banks, Places
from livedance.training.beat_music.piece import Note, Piece, Span, Tempo, Truth

RATE = 44_100
NOWHERE = Places(hydrogen=None, soundfonts=(), drums=(), lmms=None)
"""No recorded sounds: synthetic voices play everything."""
NO_BANKS = Banks()


def blip(peak: float = 0.5, lead: int = 0) -> F32:
    """A short decaying tone after `lead` samples of silence."""
    tone = peak * np.exp(-np.arange(2_000) / 300) * np.cos(np.arange(2_000) * 0.3)
    return np.concatenate([np.zeros(lead), tone]).astype(np.float32)


def write_kit(folder: Path, name: str) -> Path:
    """A Hydrogen kit: a kick of two layers, an old-style snare, an instrument without a sound, one that is no drum."""
    kit = folder / name
    kit.mkdir(parents=True)
    soundfile.write(kit / "soft.wav", blip(0.1, lead=500), RATE)
    soundfile.write(kit / "hard.wav", blip(0.8), RATE)
    (kit / "drumkit.xml").write_text(
        f"""<?xml version="1.0"?><drumkit_info xmlns="http://www.hydrogen-music.org/drumkit"><name>{name}</name>
        <instrumentList>
        <instrument><name>Bass Drum</name><volume>0.9</volume>
          <layer><filename>hard.wav</filename><min>0.5</min><max>1</max></layer>
          <layer><filename>soft.wav</filename><min>0</min><max>0.5</max></layer></instrument>
        <instrument><name>Snare 1</name><filename>hard.wav</filename></instrument>
        <instrument><name>Closed HH</name><filename>gone.wav</filename></instrument>
        <instrument><name>17</name><filename>hard.wav</filename></instrument>
        </instrumentList></drumkit_info>"""
    )
    return kit


def piece(bpm: float = 120.0, bars: int = 8, parts: tuple[str, ...] = ("kick",)) -> Piece:
    """Every part on every beat; the third quarter is a break without notes."""
    beats = bars * 4
    quiet = range(beats // 2, 3 * beats // 4)
    notes = tuple(
        Note(beat=b, beats=0.5, part=part, pitch=45, velocity=1.0)
        for b in range(beats)
        if b not in quiet
        for part in parts
    )
    spans = (
        Span(start=0, end=quiet.start, section=Section.GROOVE, has_rhythm=True),
        Span(start=quiet.start, end=quiet.stop, section=Section.BREAK, has_rhythm=False),
        Span(start=quiet.stop, end=beats, section=Section.DROP, has_rhythm=True),
    )
    tempo = Tempo(beat=(0.0,), bpm=(bpm,))
    return Piece(genre="house", notes=notes, tempo=tempo, beats=beats, meter=4, spans=spans)


def clicks(truth: Truth) -> F32:
    """One sample of 1 at each beat, whose place is rounded to samples."""
    audio = np.zeros(round(truth.duration_s * RATE), np.float32)
    audio[np.round(truth.beat_s * RATE).astype(int)] = 1.0
    return audio


def click_places(audio: F32, floor: float = 0.3) -> np.ndarray:
    """Times of the samples that stick out, in s; neighbours count once."""
    loud = np.flatnonzero(np.abs(audio) > floor)
    return loud[np.insert(np.diff(loud) > 50, 0, True)] / RATE if len(loud) else np.zeros(0)
