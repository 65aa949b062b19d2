"""What a DJ does to tracks: pitch fader, mixes matched and not, cuts, backspins, echoes out, breaks by hand.

Every function takes clips (audio and truth) and gives a clip whose truth is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from livedance.messages import F32, Section
from livedance.training.beat_music import effects, truths
from livedance.training.beat_music.piece import Truth
from livedance.training.beat_music.samples import RATE_HZ

Clip = tuple[F32, Truth]
Gain = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Times in s to gains."""


def ridden(clip: Clip, speed_at: NDArray[np.float64], step_s: float) -> Clip:
    """Return `clip` played at a speed that changes as the fader moves; pitch and tempo change together.

    `speed_at` is the speed every `step_s` of the new audio, straight lines between; the last one holds. The end
    is where the old audio ends, or where the curve does. Sample n of the new audio is the old one at
    the running sum of the speeds before n, so the map of beat times is exact.
    """
    audio, truth = clip
    n = int((len(speed_at) - 1) * step_s * RATE_HZ)
    speed = np.interp(np.arange(n) / RATE_HZ, np.arange(len(speed_at)) * step_s, speed_at)
    place = np.concatenate(([0.0], np.cumsum(speed)[:-1]))
    place = place[: int(np.searchsorted(place, len(audio) - 2))]
    new_s = np.arange(len(place)) / RATE_HZ
    inside = truths.window(truth, 0.0, place[-1] / RATE_HZ)
    bent = truths.warped(inside, lambda t: np.interp(t * RATE_HZ, place, new_s), len(place) / RATE_HZ)
    return _between(audio, place), replace(bent, category="ramp")


def _between(audio: F32, place: NDArray[np.float64]) -> F32:
    """Return `audio` at fractional places: cubic Hermite through four samples (Catmull-Rom)."""
    i = np.clip(place.astype(np.int64), 1, len(audio) - 3)
    f = (place - i).astype(np.float32)
    a, b, c, d = audio[i - 1], audio[i], audio[i + 1], audio[i + 2]
    return b + 0.5 * f * (c - a + f * (2 * a - 5 * b + 4 * c - d + f * (3 * (b - c) + d - a)))


def matched(first: Clip, second: Clip, at_s: float, length_s: float, rng: np.random.Generator) -> Clip:
    """Return `first` mixed into `second` of the same tempo, bar on bar.

    The fade begins at `at_s`, a downbeat of `first`; `second` is heard from its first downbeat on. The basses change
    over in the middle of the fade, or the faders do it all. The truth is the common grid.
    """
    cue_s = float(second[1].downbeat_s[0])
    moved = _from(second, cue_s, at_s)
    gain_out, gain_in = _fade(at_s, length_s, rng)
    out, coming = first, moved
    if rng.random() < 0.7:
        middle = at_s + 0.5 * length_s
        out = (_bass_until(first[0], middle), first[1])
        coming = (_bass_from(moved[0], middle), moved[1])
    audio, truth = _sum(out, coming, gain_out, gain_in, at_s + 0.5 * length_s)
    heard = (
        *truths.within(first[1].rhythm, 0.0, at_s + 0.75 * length_s),
        *truths.within(moved[1].rhythm, at_s + 0.25 * length_s, moved[1].duration_s),
    )
    return audio, replace(truth, rhythm=truths.joined(tuple(sorted(heard))))


def clashing(first: Clip, second: Clip, at_s: float, length_s: float) -> Clip:
    """Return a fade between tracks that do not fit; the truth changes where both are equally loud."""
    moved = _from(second, 0.0, at_s)

    def gain_out(t: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.cos(0.5 * np.pi * np.clip((t - at_s) / length_s, 0, 1)))

    def gain_in(t: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.sin(0.5 * np.pi * np.clip((t - at_s) / length_s, 0, 1)))

    even_s = _even(first[0], moved[0], gain_out, gain_in, at_s, length_s)
    return _sum(first, moved, gain_out, gain_in, even_s)


def cut(first: Clip, second: Clip, at_s: float, gap_s: float = 0.0) -> Clip:
    """Return `first` until `at_s`, silence for `gap_s`, then `second` from its start."""
    return _after(first[0][: round(at_s * RATE_HZ)], first[1], at_s, second, gap_s)


def spun_back(first: Clip, second: Clip, at_s: float, spin_s: float, rng: np.random.Generator) -> Clip:
    """Return `first` until `at_s`, then pulled back by hand for `spin_s`, then `second`."""
    n = int(spin_s * RATE_HZ)
    speed = np.linspace(float(rng.uniform(1, 2)), float(rng.uniform(3, 7)), n)
    place = np.clip(at_s * RATE_HZ - np.cumsum(speed), 2, len(first[0]) - 3)
    spin = _between(first[0], place) * np.linspace(1, 0.2, n, dtype=np.float32)
    head = np.concatenate([first[0][: round(at_s * RATE_HZ)], spin])
    return _after(head, first[1], at_s, second, spin_s)


def echoed_out(first: Clip, second: Clip, at_s: float, beat_s: float, n_beats: int) -> Clip:
    """Return `first` until `at_s` (a beat), its last beat echoing away for `n_beats`, then `second`."""
    start, size = round(at_s * RATE_HZ), round(beat_s * RATE_HZ)
    last = first[0][max(0, start - size) : start]
    echoes = [effects.filtered(last, "high", 150.0 * (k + 1)) * np.float32(0.7 ** (k + 1)) for k in range(n_beats)]
    head = np.concatenate([first[0][:start], *echoes])
    tail = _after(head, first[1], at_s, second, len(head) / RATE_HZ - at_s)
    echo_beats = at_s + beat_s * np.arange(n_beats)
    beats = np.sort(np.concatenate([tail[1].beat_s, echo_beats]))
    return tail[0], replace(tail[1], beat_s=beats)


def broken(
    clip: Clip, start_s: float, end_s: float, floor: F32 | None, *, muted: bool, cutoff_hz: float = 200.0
) -> Clip:
    """Return `clip` with a break by hand between two downbeats: faded out (under `floor`, if given) or low-passed.

    Beats go on; a muted break has no pulse; the music comes back with a drop.
    """
    audio, truth = clip
    a, b = round(start_s * RATE_HZ), min(round(end_s * RATE_HZ), len(audio))
    out = audio.copy()
    if muted:
        fade = min(4_000, b - a)
        out[a : a + fade] *= np.linspace(1, 0, fade, dtype=np.float32)
        out[a + fade : b] = 0.0
        if floor is not None:
            ease = np.minimum(1.0, np.minimum(np.arange(b - a), np.arange(b - a)[::-1]) / (0.3 * RATE_HZ))
            out[a:b] += floor[: b - a] * ease.astype(np.float32)
        truth = truths.silenced(truth, start_s, end_s)
    else:
        out[a:b] = effects.filtered(audio[:b], "low", cutoff_hz, order=4)[a:b]
    sections = [(t, section) for t, section in truth.sections if not start_s <= t <= end_s]
    sections = sorted([*sections, (start_s, Section.BREAK), (end_s, Section.DROP)])
    quiet = (Section.BREAK, Section.BUILD)
    drops = [t for (_, before), (t, now) in pairwise(sections) if now == Section.DROP and before in quiet]
    drop_s = np.array([t for t in drops if t < truth.duration_s], dtype=np.float64)
    return out, replace(truth, sections=tuple(sections), drop_s=drop_s, category="break")


def _from(clip: Clip, cue_s: float, at_s: float) -> Clip:
    """Return `clip` from `cue_s` on, moved so that it begins at `at_s` (to the sample)."""
    audio, truth = clip
    cue, at = round(cue_s * RATE_HZ), round(at_s * RATE_HZ)
    part = truths.window(truth, cue / RATE_HZ, truth.duration_s)
    return np.concatenate([np.zeros(at, np.float32), audio[cue:]]), truths.shifted(part, at / RATE_HZ)


def _fade(at_s: float, length_s: float, rng: np.random.Generator) -> tuple[Gain, Gain]:
    """Return the gains of the old and the new track over time: a cross-fader, or both up in the middle."""
    overlap = float(rng.uniform(0.5, 1.0))

    def gain_in(t: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.clip((t - at_s) / (length_s * overlap), 0, 1) ** 0.7

    def gain_out(t: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.clip((at_s + length_s - t) / (length_s * overlap), 0, 1) ** 0.7

    return gain_out, gain_in


def _bass_until(audio: F32, at_s: float) -> F32:
    """Return `audio` that loses its bass at `at_s`."""
    at = min(round(at_s * RATE_HZ), len(audio))
    out = audio.copy()
    out[at:] = effects.filtered(audio, "high", 220)[at:]
    return out


def _bass_from(audio: F32, at_s: float) -> F32:
    """Return `audio` that gets its bass at `at_s`."""
    at = min(round(at_s * RATE_HZ), len(audio))
    out = audio.copy()
    out[:at] = effects.filtered(audio, "high", 220)[:at]
    return out


def _even(a: F32, b: F32, gain_a: Gain, gain_b: Gain, at_s: float, length_s: float) -> float:
    """Return when, within the fade, `b` becomes as loud as `a` (loudness of each over the fade as a whole)."""
    i, j = round(at_s * RATE_HZ), round((at_s + length_s) * RATE_HZ)
    loud_a, loud_b = (float(np.sqrt(np.mean(x[i : min(j, len(x))] ** 2) + 1e-12)) for x in (a, b))
    t = np.linspace(at_s, at_s + length_s, 400)
    return float(t[int(np.argmax(gain_b(t) * loud_b >= gain_a(t) * loud_a))])


def _sum(a: Clip, b: Clip, gain_a: Gain, gain_b: Gain, change_s: float) -> Clip:
    """Return both under their gains (functions of s); the truth is that of `b` from `change_s` on."""
    count = len(b[0])
    t = np.arange(-(-count // effects.BLOCK) + 1) * effects.BLOCK / RATE_HZ
    out = effects.stepped(b[0], gain_b(t))
    part = effects.stepped(a[0][:count], gain_a(t))
    out[: len(part)] += part
    return out, truths.spliced(a[1], b[1], change_s, "mix")


def _after(head: F32, truth: Truth, heard_s: float, second: Clip, gap_s: float) -> Clip:
    """Return `head`, whose `truth` holds until `heard_s`, and `second` when `gap_s` have passed since."""
    start = round((heard_s + gap_s) * RATE_HZ)
    lead = np.zeros(start, np.float32)
    lead[: min(len(head), start)] = head[:start]
    edge = min(200, start)
    stop = min(len(head), start)
    lead[max(0, stop - edge) : stop] *= np.linspace(1, 0, stop - max(0, stop - edge), dtype=np.float32)
    moved = truths.shifted(second[1], start / RATE_HZ)
    first = truths.window(truth, 0.0, heard_s)
    first = replace(first, duration_s=start / RATE_HZ)
    return np.concatenate([lead, second[0]]), truths.spliced(first, moved, start / RATE_HZ, "cut")
