"""Truth in seconds -> what the network shall answer hop by hop, and how much each answer counts.

Hop i covers samples [512 i, 512 (i + 1)); its middle lies at (i + 1/2) hops. All is answered `latency` hops late.
A moment (beat, drop ...) is a triangle around its exact time, so that neighbouring hops say where between them it was.
Where nobody could know the answer, its weight is 0:
- beats and downbeats in a drumless stretch whose grid goes on (a listener counts on, the sound says nothing);
- rhythm for half a second after it starts and until the next beat is missed after it stops;
- sections, builds and drops where the truth names none though there is music.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from livedance.beat.activation import (
    BEAT,
    BUILD,
    DOWNBEAT,
    DROP,
    FIRST_SECTION,
    LATENCY_HOPS,
    N_OUTPUTS,
    PHRASE,
    RHYTHM,
)
from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES, Section
from livedance.training.beat_music.piece import F64, Truth

HOP_S: Final = HOP_SAMPLES / HOP_RATE_HZ
BEAT_WIDTH_HOPS: Final = 2.0
"""Half the base of a beat's triangle: 23 ms."""
DROP_WIDTH_HOPS: Final = 8.0
"""A drop is rare and its light forgives 90 ms."""
PHRASE_WIDTH_HOPS: Final = 4.0
NEAR_BEAT_S: Final = 2.0
"""Without rhythm, beats this near mean that the grid goes on: the answer is masked; else the answer is "no beat"."""
NOTICE_S: Final = 0.5
MISS_S: Final = 0.8
FIRST_SECTION_S: Final = 2.0
"""A new section is not judged before the music had a chance to tell."""


N_PHASES: Final = 4
"""Cosine and sine of the phase in the beat, then in the bar: taught beside the answers, and left out of the export.

Beats are rare; the phase says in every hop where in the beat one is, and so teaches to count much sooner."""
FIRST_PHASE: Final = N_OUTPUTS
N_TAUGHT: Final = N_OUTPUTS + N_PHASES


class Frames(NamedTuple):
    """What to answer at each of T hops, and the weight of each answer."""

    target: F32
    """(T, N_TAUGHT) in the network's own order of columns, sections one-hot, then phases."""
    weight: F32
    """(T, N_TAUGHT) 0 or 1."""


def frames(truth: Truth, n_hops: int, latency: int = LATENCY_HOPS) -> Frames:
    """Return the (n_hops,) answers that fit `truth`, each `latency` hops late."""
    target = np.zeros((n_hops, N_TAUGHT), np.float32)
    weight = np.ones((n_hops, N_TAUGHT), np.float32)
    moment_s = (np.arange(n_hops) + 0.5 - latency) * HOP_S
    target[:, BEAT] = triangles(truth.beat_s, moment_s, BEAT_WIDTH_HOPS)
    target[:, DOWNBEAT] = triangles(truth.downbeat_s, moment_s, BEAT_WIDTH_HOPS)
    target[:, PHRASE] = triangles(truth.phrase_s, moment_s, PHRASE_WIDTH_HOPS)
    target[:, DROP] = triangles(truth.drop_s, moment_s, DROP_WIDTH_HOPS)
    has_rhythm = inside(truth.rhythm, moment_s)
    target[:, RHYTHM] = has_rhythm
    counts = has_rhythm | ~_near(truth.beat_s, moment_s, NEAR_BEAT_S)
    for column in (BEAT, DOWNBEAT, PHRASE):
        weight[:, column] = counts
    weight[:, RHYTHM] = ~_just_changed(truth.rhythm, moment_s)
    if not truth.sections and len(truth.beat_s):
        weight[:, [BUILD, DROP]] = 0.0
    _add_sections(truth, moment_s, target, weight)
    for column, times_s in ((FIRST_PHASE, truth.beat_s), (FIRST_PHASE + 2, truth.downbeat_s)):
        both = slice(column, column + 2)
        target[:, both], is_known = phases(times_s, moment_s)
        weight[:, both] = (is_known & has_rhythm)[:, None]
    return Frames(target, weight)


def triangles(times_s: F64, moment_s: F64, width_hops: float) -> F32:
    """Return how near each moment is to its nearest time: 1 on it, 0 from `width_hops` on."""
    if len(times_s) == 0:
        return np.zeros(len(moment_s), np.float32)
    near: F32 = np.maximum(1.0 - _distance(times_s, moment_s) / (width_hops * HOP_S), 0.0).astype(np.float32)
    return near


def phases(times_s: F64, moment_s: F64) -> tuple[F32, NDArray[np.bool_]]:
    """Return (T, 2) cosine and sine of the phase between neighbouring times, and where there is one."""
    if len(times_s) < 2:
        return np.zeros((len(moment_s), 2), np.float32), np.zeros(len(moment_s), np.bool_)
    angle = 2.0 * np.pi * np.interp(moment_s, times_s, np.arange(len(times_s)))
    is_known = (moment_s >= times_s[0]) & (moment_s <= times_s[-1])
    return np.stack((np.cos(angle), np.sin(angle)), axis=1).astype(np.float32), is_known


def inside(spans: tuple[tuple[float, float], ...], moment_s: F64) -> NDArray[np.bool_]:
    """Return which moments lie in one of the half-open spans."""
    within = np.zeros(len(moment_s), np.bool_)
    for start, end in spans:
        within |= (moment_s >= start) & (moment_s < end)
    return within


def _distance(times_s: F64, moment_s: F64) -> F64:
    times = np.sort(times_s)
    after = np.searchsorted(times, moment_s).clip(1, max(len(times) - 1, 1))
    right = times[np.minimum(after, len(times) - 1)]
    return np.minimum(np.abs(moment_s - times[after - 1]), np.abs(moment_s - right))


def _near(times_s: F64, moment_s: F64, within_s: float) -> NDArray[np.bool_]:
    if len(times_s) == 0:
        return np.zeros(len(moment_s), np.bool_)
    near: NDArray[np.bool_] = _distance(times_s, moment_s) < within_s
    return near


def _just_changed(spans: tuple[tuple[float, float], ...], moment_s: F64) -> NDArray[np.bool_]:
    started = tuple((start, start + NOTICE_S) for start, _ in spans)
    stopped = tuple((end, end + MISS_S) for _, end in spans)
    return inside(started + stopped, moment_s)


def _add_sections(truth: Truth, moment_s: F64, target: F32, weight: F32) -> None:
    """Fill in section and build; a section is judged from `FIRST_SECTION_S` after its start on, a build at once."""
    sections = slice(FIRST_SECTION, FIRST_SECTION + len(Section))
    weight[:, sections] = 0.0
    ends = [*(start for start, _ in truth.sections[1:]), truth.duration_s]
    for (start, section), end in zip(truth.sections, ends, strict=False):  # no sections, no ends
        within = (moment_s >= start) & (moment_s < end)
        target[within, FIRST_SECTION + section] = 1.0
        weight[within & (moment_s >= start + FIRST_SECTION_S), sections] = 1.0
        if section == Section.BUILD and end > start:
            target[within, BUILD] = ((moment_s[within] - start) / (end - start)).clip(0.0, 1.0)
