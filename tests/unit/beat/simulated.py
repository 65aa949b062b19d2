"""What a middling network would say of a piece whose beats are known: peaks that are late, missing, or false."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from livedance.beat.activation import LATENCY_S, Activation
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, Features, Levels, Section

F64 = NDArray[np.float64]
HOP_S = HOP_SAMPLES / HOP_RATE_HZ


@dataclass(frozen=True)
class Part:
    """A stretch of music: its tempo goes in a straight line (in beats) from `bpm` to `bpm_end`."""

    bpm: float
    beats: int
    bpm_end: float | None = None
    has_rhythm: bool = True
    section: Section = Section.GROOVE
    gap_beats: float = 0.0
    """So much of a beat is cut out, or put in, before this part."""
    restarts_bar: bool = False


@dataclass(frozen=True)
class Ears:
    """How well the network hears. The defaults are a poor one."""

    missed: float = 0.2
    jitter_s: float = 0.010
    false_peaks: float = 0.4
    """Chance, per piece, that a sixteenth carries false peaks of random strength ..."""
    false_strength: float = 0.6
    """... up to this."""
    downbeat_missed: float = 0.3
    downbeat_false: float = 0.15
    rhythm_lag_s: float = 0.4


@dataclass(frozen=True)
class Simulated:
    """Answers hop by hop and what is true."""

    answers: list[Activation]
    beat_s: F64
    downbeat_s: F64
    rhythm: list[tuple[float, float]]
    part_s: list[float]
    drop_s: list[float] = field(default_factory=list)


def simulate(
    parts: list[Part], seed: int, *, ears: Ears | None = None, start_s: float = 0.3, meter: int = 4
) -> Simulated:
    """Return what a network with `ears` answers to `parts`, played one after the other."""
    rng, ears = np.random.default_rng(seed), ears or Ears()
    beats, downs, spans, part_s, drops = [], [], [], [], []
    t, in_bar = start_s, 0
    for i, part in enumerate(parts):
        t += part.gap_beats * 60.0 / part.bpm
        part_s.append(t)
        if part.restarts_bar:
            in_bar = 0
        if part.section == Section.DROP and i and parts[i - 1].section in (Section.BREAK, Section.BUILD):
            drops.append(t)
        rates = np.interp(np.arange(part.beats) + 0.5, [0, part.beats], [part.bpm, part.bpm_end or part.bpm])
        for bpm in rates:
            beats.append(t)
            if in_bar == 0:
                downs.append(t)
            in_bar = (in_bar + 1) % meter
            t += 60.0 / bpm
        spans.append((part_s[-1], t, part))
    n = int(t / HOP_S)
    beat, down, rhythm = (np.zeros(n) for _ in range(3))
    rhythmic = [(a, b) for a, b, p in spans if p.has_rhythm]
    beat_s = np.array(beats)
    heard = np.array([any(a - 1e-6 <= b < e - 1e-6 for a, e in rhythmic) for b in beats])
    _peaks(rng, beat, beat_s[heard], ears.missed, ears.jitter_s)
    for sixteenth in (0.25, 0.5, 0.75):
        if rng.random() < ears.false_peaks:
            between = beat_s[:-1] + sixteenth * np.diff(beat_s)
            strength = rng.uniform(0.1, ears.false_strength)
            chance = rng.uniform(0.2, 0.9)
            kept = heard[:-1] & (rng.random(len(between)) < chance)
            _peaks(rng, beat, between[kept], 0.0, ears.jitter_s, high=strength)
    is_down = np.isin(beat_s, downs) & heard
    _peaks(rng, down, beat_s[is_down], ears.downbeat_missed, ears.jitter_s, low=0.3, high=0.9)
    other = heard & ~is_down & (rng.random(len(beat_s)) < ears.downbeat_false)
    _peaks(rng, down, beat_s[other], 0.0, ears.jitter_s, low=0.1, high=0.8)
    section, build, phrase, drop = np.zeros((n, 5)), np.zeros(n), np.zeros(n), np.zeros(n)
    _peaks(rng, phrase, np.array(downs[::8]), ears.downbeat_missed, ears.jitter_s, low=0.3, high=0.9, width=4.0)
    _peaks(rng, drop, np.array(drops), 0.0, ears.jitter_s, low=0.6, high=0.9, width=8.0)
    for a, b, part in spans:
        lo, hi = int(a / HOP_S), int(b / HOP_S)
        rhythm[lo:hi] = part.has_rhythm
        section[lo:hi, part.section] = 1.0
        if part.section == Section.BUILD:
            build[lo:hi] = np.linspace(0, 1, hi - lo)
    share = 1.0 - np.exp(-HOP_S / ears.rhythm_lag_s)
    late = round(LATENCY_S / HOP_S - 0.5)
    answers, level = [], 0.0
    smooth = np.zeros(5)
    for i in range(n):
        j = max(0, i - late)
        level += share * (rhythm[j] - level)
        smooth = smooth + 0.02 * (section[j] - smooth)
        noise = abs(rng.normal(0.0, 0.02))
        weak = 0.25 * rng.random() * (rng.random() < 0.05) if rhythm[j] == 0 else 0.0
        answers.append(
            Activation(
                float(np.clip(beat[j] + noise + weak, 0.0, 0.999)),
                float(np.clip(down[j] + 0.5 * noise, 0.0, 0.999)),
                float(np.clip(0.03 + 0.94 * level + rng.normal(0.0, 0.02), 0.0, 1.0)),
                tuple(float(x) for x in (smooth + 0.02) / (smooth + 0.02).sum()),
                float(build[j]),
                float(drop[j]),
                float(phrase[j]),
            )
        )
    return Simulated(answers, beat_s, np.array(downs), rhythmic, part_s, drops)


def _peaks(
    rng: np.random.Generator,
    track: F64,
    times: F64,
    missed: float,
    jitter_s: float,
    low: float = 0.45,
    high: float = 0.98,
    width: float = 1.6,
) -> None:
    """Draw a triangle of half-width `width` hops for each of `times`; a missed one is low."""
    for t in times:
        strength = rng.uniform(0.03, 0.2) if rng.random() < missed else rng.uniform(min(low, high), high)
        at = (t + rng.normal(0.0, jitter_s)) / HOP_S - 0.5
        for hop in range(int(at - width), int(at + width) + 2):
            if 0 <= hop < len(track):
                track[hop] = max(track[hop], strength * max(0.0, 1.0 - abs(hop - at) / width))


def scenario(kind: str, seed: int, meter: int = 4) -> list[Part]:
    """Return a random piece of one kind: steady, ramp, cut, break or dj (all of it)."""
    rng = np.random.default_rng(10_000 + seed)
    bpm = float(np.exp(rng.uniform(np.log(62), np.log(198))))
    n = max(16, int(20 * bpm / 60) // 4 * 4)
    if kind == "steady":
        return [Part(bpm, 2 * n)]
    if kind == "ramp":
        up = bpm * (1.0 + rng.choice([-1.0, 1.0]) * rng.uniform(0.04, 0.08))
        return [Part(bpm, n), Part(bpm, int(rng.uniform(4, 10) * bpm / 60), up), Part(up, n)]
    if kind == "cut":
        other = float(np.exp(rng.uniform(np.log(75), np.log(180))))
        m = max(16, int(20 * other / 60) // 4 * 4)
        return [Part(bpm, n), Part(other, m, gap_beats=rng.uniform(0, 1), restarts_bar=True)]
    if kind == "break":
        silent = round(8.0 * bpm / 60)
        return [
            Part(bpm, n),
            Part(bpm, silent, has_rhythm=False, section=Section.BREAK),
            Part(bpm, n, section=Section.DROP),
        ]
    raise ValueError(kind)


def features(t_s: float, rms_db: float = -12.0) -> Features:
    """Return features of a hop that is as loud as said and tells nothing else."""
    return Features(
        t_s=t_s,
        rms_db=rms_db,
        levels=Levels(rms=1.0, bass=1.0),
        onset_low=0.0,
        onset_mid=0.0,
        onset_high=0.0,
        brightness=0.5,
        is_silent=False,
    )
