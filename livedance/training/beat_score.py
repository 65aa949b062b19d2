"""How well activations point at the truth, before any decoder: peaks against beats, and rhythm against silence.

Beat and downbeat: F-measure of picked peaks within +-40 ms, over all clips; rhythm: area under the ROC curve of hops;
drop: F within +-150 ms; section: share of hops named rightly. By category and in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from livedance.beat.activation import BEAT, DOWNBEAT, DROP, FIRST_SECTION, LATENCY_HOPS, N_OUTPUTS, PHRASE, RHYTHM
from livedance.messages import F32
from livedance.training.beat_clips import Clip
from livedance.training.beat_frames import HOP_S, inside
from livedance.training.beat_music.piece import F64

TOLERANCE_S: Final = {BEAT: 0.04, DOWNBEAT: 0.04, DROP: 0.15, PHRASE: 0.08}
NAMES: Final = {BEAT: "beat", DOWNBEAT: "downbeat", DROP: "drop", PHRASE: "phrase"}
THRESHOLDS: Final = (0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75)
PEAK_HOPS: Final = 7
"""A peak is the highest within so many hops to either side (80 ms: no beat is that near to another)."""
ALL: Final = "all"


@dataclass(kw_only=True)
class Counts:
    """Right, picked and true moments, per threshold."""

    right: np.ndarray = field(default_factory=lambda: np.zeros(len(THRESHOLDS)))
    picked: np.ndarray = field(default_factory=lambda: np.zeros(len(THRESHOLDS)))
    true: int = 0

    def f_measure(self, threshold: int) -> float:
        """Return F at one threshold; NaN where there is nothing to find and nothing was found."""
        total = self.picked[threshold] + self.true
        return float(2.0 * self.right[threshold] / total) if total else float("nan")


def score(clips: Sequence[Clip], answers: Sequence[F32]) -> dict[str, dict[str, float]]:
    """Return measures by category (and `all`) of (T, N_OUTPUTS) probabilities; one threshold for all categories."""
    counts = {column: _counts(clips, answers, column) for column in NAMES}
    best = {column: _best_threshold(of[ALL]) for column, of in counts.items()}
    table: dict[str, dict[str, float]] = {}
    for category in (ALL, *sorted({c.truth.category for c in clips})):
        row = {NAMES[c]: counts[c][category].f_measure(best[c]) for c in NAMES if category in counts[c]}
        chosen = [i for i, c in enumerate(clips) if category in (ALL, c.truth.category)]
        row["rhythm_auc"] = _auc(clips, answers, chosen)
        row["section"] = _section_share(clips, answers, chosen)
        table[category] = row
    table[ALL]["beat_threshold"] = THRESHOLDS[best[BEAT]]
    table[ALL]["bias_ms"] = _bias_ms(clips, answers, THRESHOLDS[best[BEAT]])
    return table


def peaks(activation: F32, threshold: float) -> F64:
    """Return the times (s) that peaks of at least `threshold` are about, between hops by a parabola."""
    n = len(activation)
    padded = np.pad(activation, PEAK_HOPS, constant_values=-1.0)
    highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * PEAK_HOPS + 1).max(axis=1)
    at = np.flatnonzero((activation >= highest) & (activation >= threshold))
    at = at[np.diff(at, prepend=-PEAK_HOPS) > 1]
    inner = at.clip(1, max(n - 2, 1))
    left, middle, right = (activation[(inner + d).clip(0, n - 1)].astype(np.float64) for d in (-1, 0, 1))
    bend = left - 2.0 * middle + right
    shift = np.where(bend < -1e-9, 0.5 * (left - right) / np.minimum(bend, -1e-9), 0.0).clip(-0.5, 0.5)
    return (at + shift + 0.5 - LATENCY_HOPS) * HOP_S


def matched(found: F64, true: F64, tolerance_s: float) -> list[tuple[int, int]]:
    """Return pairs (found, true) within the tolerance, each used once, in order of time."""
    pairs, i, j = [], 0, 0
    while i < len(found) and j < len(true):
        difference = found[i] - true[j]
        if abs(difference) <= tolerance_s:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif difference < 0:
            i += 1
        else:
            j += 1
    return pairs


def _true_times(clip: Clip, column: int) -> F64:
    times = {
        BEAT: clip.truth.beat_s,
        DOWNBEAT: clip.truth.downbeat_s,
        DROP: clip.truth.drop_s,
        PHRASE: clip.truth.phrase_s,
    }[column]
    return times[(times >= 0.0) & (times < clip.truth.duration_s)]


def _judged(times: F64, clip: Clip, column: int) -> F64:
    """Leave out times that the network is not taught about (drumless stretches)."""
    hop = np.round(times / HOP_S - 0.5).astype(int) + LATENCY_HOPS
    return times[clip.weight[hop.clip(0, len(clip.weight) - 1), column]]


def _counts(clips: Sequence[Clip], answers: Sequence[F32], column: int) -> dict[str, Counts]:
    counts: dict[str, Counts] = {ALL: Counts()}
    for clip, answer in zip(clips, answers, strict=True):
        true = _judged(_true_times(clip, column), clip, column)
        both = (counts[ALL], counts.setdefault(clip.truth.category, Counts()))
        for k, threshold in enumerate(THRESHOLDS):
            found = _judged(peaks(answer[:, column], threshold), clip, column)
            right = len(matched(found, true, TOLERANCE_S[column]))
            for of in both:
                of.right[k] += right
                of.picked[k] += len(found)
        for of in both:
            of.true += len(true)
    return counts


def _best_threshold(counts: Counts) -> int:
    return int(np.nanargmax([*(np.nan_to_num(counts.f_measure(k)) for k in range(len(THRESHOLDS)))]))


def _bias_ms(clips: Sequence[Clip], answers: Sequence[F32], threshold: float) -> float:
    """Return the median of found minus true beats: above 0 is late."""
    errors = []
    for clip, answer in zip(clips, answers, strict=True):
        found, true = peaks(answer[:, BEAT], threshold), _true_times(clip, BEAT)
        errors += [found[i] - true[j] for i, j in matched(found, true, TOLERANCE_S[BEAT])]
    return float(1e3 * np.median(errors)) if errors else float("nan")


def _auc(clips: Sequence[Clip], answers: Sequence[F32], chosen: Sequence[int]) -> float:
    """Return the chance that a hop with rhythm gets a higher answer than one without (Mann-Whitney)."""
    yes, said = [], []
    for i in chosen:
        keep = clips[i].weight[:, RHYTHM]
        moment_s = (np.arange(len(keep)) + 0.5 - LATENCY_HOPS) * HOP_S
        yes.append(inside(clips[i].truth.rhythm, moment_s)[keep])
        said.append(answers[i][keep, RHYTHM])
    is_rhythm, value = np.concatenate(yes), np.concatenate(said)
    n_yes, n_no = int(is_rhythm.sum()), int((~is_rhythm).sum())
    if not n_yes or not n_no:
        return float("nan")
    ranks = np.empty(len(value))
    ranks[np.argsort(value, kind="stable")] = np.arange(1, len(value) + 1)
    return float((ranks[is_rhythm].sum() - n_yes * (n_yes + 1) / 2) / (n_yes * n_no))


def _section_share(clips: Sequence[Clip], answers: Sequence[F32], chosen: Sequence[int]) -> float:
    right, total = 0, 0
    sections = slice(FIRST_SECTION, N_OUTPUTS)
    for i in chosen:
        keep = clips[i].weight[:, FIRST_SECTION]
        said = answers[i][keep, sections].argmax(axis=1)
        right += int((said == clips[i].target[keep, sections].argmax(axis=1)).sum())
        total += int(keep.sum())
    return right / total if total else float("nan")
