"""Music for dance that had none: written on the beats of a take, and what the product hears in it.

A piece of the beat tracker's training music (kit, pattern, swing by chance) is laid on the beats of a take: layers come
and go and the level rises and falls with the take's energy, and where the take is calmest there may be a break. The
sound goes hop by hop through the product's own features and tracker, so that whoever learns from it hears the stage's
errors. What the pairs can teach is beat, accent and energy, never genre: the beats were recovered from the motion.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance.audio.features import FeatureExtractor
from livedance.beat.choice import choose_tracker
from livedance.dance.library import Clip
from livedance.errors import FileError
from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES, Hop
from livedance.training.beat_music import arranger, kits, mixer
from livedance.training.beat_music.banks import Banks
from livedance.training.beat_music.dice import chance, pick
from livedance.training.beat_music.piece import DRUMS, F64, Note, Part, Piece, Tempo

TRACKER: Final = "livedance"
LEAD_BEATS: Final = 12
"""Music before the take, for the tracker; up to three beats more, so that the bar may begin on any beat."""
TAIL_BEATS: Final = 2
METER: Final = 4
SMOOTH_BEATS: Final = 4
"""Music follows the energy of phrases, not that of single moves."""
QUIETEST_DB: Final = -8.0
"""Of a take without energy, against the loudest."""
LEVEL_DB: Final = (-24.0, -1.0)
"""Peak of the whole track."""
BREAK_SHARE: Final = 0.5
BREAK_BEATS: Final = (4, 8)
LEAST_BEATS_FOR_BREAK: Final = 24
_ENTRY: Final[dict[Part, float]] = {
    "snare": 0.35, "clap": 0.4, "hat": 0.35, "rim": 0.5, "shaker": 0.5, "bass": 0.5, "pad": 0.3,
    "chord": 0.6, "vocal": 0.6,
}  # fmt: skip
"""Each part enters at an energy up to this, others at up to `_LATEST_ENTRY`; the kick plays always."""
_LATEST_ENTRY: Final = 0.8
_KEPT_IN_BREAK: Final = ("hat", "shaker", "pad", "chord", "vocal", "arp", "lead")
_NO_FORM: Final = ("riser", "impact")
"""Parts that announce sections, which no take has."""

NAMES: Final = (
    "onset_low", "onset_mid", "onset_high", "rms", "bass", "mid", "high", "energy", "brightness", "beat_cos",
    "beat_sin", "confidence",
)  # fmt: skip
"""What is heard in a hop: columns of `Heard.values`. The beat's place in the circle is (0, 0) before the first lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Soundtrack:
    """Music on given beats."""

    samples: F32
    """(N,) mono at 44.1 kHz."""
    beats_s: F64
    """(B + 1,) seconds of the take's beats in it, the end of the last one too."""
    genre: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What features and tracker said hop by hop."""

    t_s: F64
    """(H,) ends of the hops."""
    values: NDArray[np.float32]
    """(H, len(NAMES))"""
    beat_position: F64
    """(H,) music beats of the tracker at `t_s`; NaN before the first lock."""
    tempo_bpm: F64
    """(H,) 0 before the first lock."""

    def over(self, edges_s: F64) -> NDArray[np.float32]:
        """Return the mean (n, len(NAMES)) of the hops that end in each of the n stretches between `edges_s` (n + 1,).

        A stretch without one has the last hop before its end: what was known then.
        """
        sums = np.concatenate([np.zeros((1, self.values.shape[1])), np.cumsum(self.values, axis=0, dtype=np.float64)])
        place = np.searchsorted(self.t_s, edges_s, side="right")
        first, last = place[:-1], np.maximum(place[1:], 1)
        first = np.minimum(first, last - 1)
        return ((sums[last] - sums[first]) / (last - first)[:, None]).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid(Tempo):
    """Beats at given times, whatever their distances."""

    grid_s: tuple[float, ...]

    def seconds(self, beats: F64 | float, *, steps_per_beat: int = 64) -> F64:
        """Return when `beats` (>= 0) happen: straight lines between the beats given, and on from the last two."""
        wanted, grid = np.asarray(beats, dtype=np.float64), np.array(self.grid_s)
        last = len(grid) - 1
        beyond = np.maximum(wanted - last, 0.0) * (grid[-1] - grid[-2])
        return np.interp(wanted, np.arange(last + 1), grid) + beyond


def sounds(folder: Path | None) -> Banks:
    """Return the one-shots in a folder as a kit; without one drums and tones are synthesised. Raises `FileError`."""
    if folder is None:
        return Banks()
    kit = kits.folder_kit(folder, folder.name)
    if not kit.drums:
        raise FileError(f"{folder} holds no drum that its name would tell: give a folder of one-shots (kick.wav, ...)")
    return Banks(kits=(kit,))


def of_clip(clip: Clip, seed: int, *, bpm: float | None = None, banks: Banks | None = None) -> Soundtrack:
    """Return music on the beats of a clip: as they were danced, or steady at `bpm`. Same arguments, same samples."""
    beats_s = clip.beat_times_s if bpm is None else np.arange(clip.n_beats + 1) * 60.0 / bpm
    rng = np.random.default_rng((seed, zlib.crc32(clip.id.encode())))
    return make(beats_s, clip.beat_energy, rng, banks or Banks())


def make(
    beats_s: Sequence[float] | NDArray[Any], energy: NDArray[Any], rng: np.random.Generator, banks: Banks
) -> Soundtrack:
    """Return music on `beats_s` (B + 1,), from any start, at 60-200 BPM, that follows `energy` (B,) of the beats."""
    beats = np.asarray(beats_s, dtype=np.float64)
    lead = LEAD_BEATS + int(rng.integers(METER))
    grid = _with_lead(beats, lead)
    whole = followed(energy, lead)
    bars = -(-(len(beats) - 1 + lead + TAIL_BEATS) // METER)
    bpm = float(np.clip(60.0 / np.diff(beats).mean(), 60.0, 200.0))
    genre = pick(rng, [name for name, style in arranger.TABLE.items() if style.meter == METER])
    piece = _with_drums(rng, genre, bpm, bars)
    tempo = _Grid(beat=(0.0,), bpm=(bpm,), grid_s=tuple(grid.tolist()))
    piece = replace(piece, tempo=tempo, notes=_led(piece, whole, lead, len(beats) - 1, rng))
    samples = mixer.render(piece, banks, rng, duration_s=float(tempo.seconds(len(beats) - 1 + lead + TAIL_BEATS)))
    samples = samples * _level(whole, tempo, len(samples))
    peak = max(float(np.abs(samples).max(initial=0.0)), 1e-6)
    samples = samples * np.float32(10 ** (rng.uniform(*LEVEL_DB) / 20) / peak)
    return Soundtrack(samples=samples.astype(np.float32), beats_s=grid[lead : lead + len(beats)], genre=genre)


def hear(samples: F32) -> Heard:
    """Return what the product's features and tracker say of `samples` (N,), hop by hop; about 0.4 ms each."""
    extract, (track, _) = FeatureExtractor(), choose_tracker(TRACKER)
    state, tracked = extract.initial_state(), track.initial_state()
    n = len(samples) // HOP_SAMPLES
    values = np.zeros((n, len(NAMES)), np.float32)
    position, tempo = np.full(n, np.nan), np.zeros(n)
    times = (np.arange(n) + 1) * (HOP_SAMPLES / HOP_RATE_HZ)
    for i in range(n):
        hop = Hop(index=i, t_s=float(times[i]), samples=samples[i * HOP_SAMPLES : (i + 1) * HOP_SAMPLES])
        features, state = extract.step(state, hop)
        estimate, tracked = track.step(tracked, hop, features)
        levels = features.levels
        values[i, :9] = (
            features.onset_low, features.onset_mid, features.onset_high,
            levels.rms, levels.bass, levels.mid, levels.high, levels.energy, features.brightness,
        )  # fmt: skip
        if estimate.beat_position is not None:
            position[i], tempo[i] = estimate.beat_position, estimate.tempo_bpm
            around = 2.0 * np.pi * estimate.beat_position
            values[i, 9:] = np.cos(around), np.sin(around), estimate.confidence
    return Heard(t_s=times, values=values, beat_position=position, tempo_bpm=tempo)


def followed(energy: NDArray[Any], lead: int = 0) -> F64:
    """Return the energy (lead + B + TAIL_BEATS,) that music follows: that of the beats, smoothed, ends held."""
    whole = np.concatenate([np.full(lead, energy[0]), energy, np.full(TAIL_BEATS, energy[-1])])
    bell = np.hanning(SMOOTH_BEATS + 3)[1:-1]
    around = np.pad(whole, len(bell) // 2, mode="edge")
    return np.clip(np.convolve(around, bell / bell.sum(), mode="valid"), 0.0, 1.0)


def _with_lead(beats_s: F64, lead: int) -> F64:
    """Return the grid that begins `lead` beats before the take at 0 s, at the pace of its first beats."""
    period = float(np.diff(beats_s[: METER + 1]).mean())
    return np.concatenate([np.arange(lead) * period, lead * period + (beats_s - beats_s[0])])


def _with_drums(rng: np.random.Generator, genre: str, bpm: float, bars: int) -> Piece:
    """Return a groove that has the drums that people dance to: the arranger leaves them out now and then."""
    while True:
        piece = arranger.compose(rng, genre=genre, bpm=bpm, bars=bars, form="loop")
        parts = {note.part for note in piece.notes}
        if "kick" in parts and len(parts & set(DRUMS)) > 1:
            return piece


def _led(piece: Piece, energy: F64, lead: int, n_beats: int, rng: np.random.Generator) -> tuple[Note, ...]:
    """Return the notes of the layers that the energy of their bar lets in, as strong as it says, but for a break."""
    parts = sorted({note.part for note in piece.notes})
    entry = {part: float(rng.uniform(0.0, _ENTRY.get(part, _LATEST_ENTRY))) for part in parts}
    of_bar = np.repeat([energy[i : i + METER].mean() for i in range(0, len(energy), METER)], METER)
    pause = _break(energy[lead : lead + n_beats], rng)
    kept = []
    for note in piece.notes:
        beat = min(max(int(note.beat + 1e-6), 0), len(energy) - 1)
        enters = note.part == "kick" or of_bar[beat] >= entry[note.part]
        in_break = pause is not None and pause[0] <= beat - lead < pause[1] and note.part not in _KEPT_IN_BREAK
        if enters and not in_break and note.part not in _NO_FORM:
            kept.append(replace(note, velocity=note.velocity * (0.55 + 0.45 * float(energy[beat]))))
    return tuple(kept)


def _break(energy: F64, rng: np.random.Generator) -> tuple[int, int] | None:
    """Return the beats of the take, if any, in which drums and bass are out: where it is calmest."""
    length = pick(rng, BREAK_BEATS)
    if not chance(rng, BREAK_SHARE) or len(energy) < LEAST_BEATS_FOR_BREAK:
        return None
    first = int(np.argmin(np.convolve(energy, np.ones(length), mode="valid")))
    return first, first + length


def _level(energy: F64, tempo: Tempo, count: int) -> F32:
    """Return the gain (count,) of the energy: in dB, linear from the middle of a beat to that of the next."""
    middle_s = tempo.seconds(np.arange(len(energy)) + 0.5)
    gain_db = QUIETEST_DB * (1.0 - np.interp(np.arange(count) / HOP_RATE_HZ, middle_s, energy))
    return (10 ** (gain_db / 20)).astype(np.float32)
