"""Scores of one take against the truth: the field's (F, CMLt, AMLt) and those that matter on a stage. Seconds, beats.

F, CMLt, AMLt are mir_eval's on causal announcements (the later of claimed and announced time). All others read the
tracker's position as it was known at each true beat. NaN: there is nothing to score. A wait that does not end counts as
long as the item goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.evaluation import beat_truth as truths
from livedance.evaluation.beat_metrics import continuity, f_measure, matched_f
from livedance.evaluation.beat_take import NOTHING, Take
from livedance.messages import Section
from livedance.training.beat_music.piece import Truth

F64 = NDArray[np.float64]
Flags = NDArray[np.bool_]
NAN: Final = float("nan")

LOCK_S: Final = 0.05
LOCK_TEMPO: Final = 0.04
STABLE_S: Final = 2.0
"""A lock that holds this long is one."""
SURE: Final = 0.3
"""Confidence below this says that there is no beat."""
SETTLE_S: Final = 2.0
"""Left out of the confidence on non-music."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """One take; shares are 0-1, times as named."""

    f: float = NAN
    cmlt: float = NAN
    amlt: float = NAN
    lock: float = NAN
    """Share of true beats at which the phase is within 50 ms and the tempo within 4 %."""
    lock_any: float = NAN
    """The same, also at double and half tempo."""
    phase_median_ms: float = NAN
    """Of the absolute phase errors at the true beats."""
    phase_p95_ms: float = NAN
    bias_ms: float = NAN
    """Median of the signed errors at the locked beats; positive = late."""
    time_to_lock_s: float = NAN
    relock_s: float = NAN
    """Mean over cuts, changes of tune and ends of ramps."""
    drift_ms: float = NAN
    """At the last beat of a break."""
    after_break: float = NAN
    """Share of the first four beats after a break within 50 ms."""
    downbeat_f: float = NAN
    drop_recall: float = NAN
    false_drops: float = NAN
    """Per 10 minutes."""
    phrase_f: float = NAN
    section: float = NAN
    """Share of time with the right section."""
    confidence: float = NAN
    """Mean on non-music."""
    invented: float = NAN
    """Beats per minute on non-music, told with a confidence of at least 0.3 or none."""
    cpu: float = NAN
    """Processor time / time of the audio."""
    worst_ms: float = NAN
    """Longest call, wall clock."""
    worst_cpu_ms: float = NAN
    """Longest call, processor time."""


NAMES: Final = tuple(f.name for f in fields(Scores))


@dataclass(frozen=True, slots=True, kw_only=True)
class AtBeats:
    """What was known at each of some true beats (N,)."""

    beat_s: F64
    error_s: F64
    """Positive = the tracker's beat is late; NaN where it knew nothing."""
    error_any_s: F64
    """At double or half tempo where that is what the tracker counts."""
    is_locked: Flags
    is_locked_any: Flags


def score(take: Take, truth: Truth) -> Scores:
    """Return the scores of `take`; only those of non-music when the truth has no beats."""
    cost = {
        "cpu": take.cost.cpu_s / truth.duration_s,
        "worst_ms": take.cost.worst_ms,
        "worst_cpu_ms": take.cost.worst_cpu_ms,
    }
    if not len(truth.beat_s):
        return Scores(**cost, **_on_non_music(take, truth))
    found = at_beats(take, truth.beat_s)
    return Scores(
        **cost,
        **_announced(take, truth),
        **_phase(found, truth),
        **_waits(found, truth),
        **_breaks(found, truth),
        **_form(take, truth),
    )


def at_beats(take: Take, beat_s: F64) -> AtBeats:
    """Return phase and tempo of `take` at all true beats of an item, from what was known at each."""
    position, rate = take.position_at(beat_s)
    before, after = truths.local_periods(beat_s)
    right = _fits(rate, before, after, 1.0)
    double = _fits(rate, before, after, 2.0)
    half = _fits(rate, before, after, 0.5)
    error_s = -_wrap(position) * after
    error_any = np.where(double, 0.5 * error_s, np.where(half, -_wrap(2.0 * position) * after, error_s))
    return AtBeats(
        beat_s=beat_s,
        error_s=error_s,
        error_any_s=error_any,
        is_locked=right & (np.abs(error_s) <= LOCK_S),
        is_locked_any=(right | double | half) & (np.abs(error_any) <= LOCK_S),
    )


def stable_after(found: AtBeats, since_s: float, until_s: float) -> float:
    """Return how long after `since_s` the first lock (any octave) begins that holds for 2 s; else until `until_s`."""
    beats, locked = found.beat_s, found.is_locked_any
    for i in np.flatnonzero((beats >= since_s - 1e-6) & locked):
        end = beats[i] + STABLE_S
        if end > until_s:
            break
        if locked[i : np.searchsorted(beats, end, side="right")].all():
            return float(beats[i] - since_s)
    return until_s - since_s


def _announced(take: Take, truth: Truth) -> dict[str, float]:
    true, told = _counted(truth, truth.beat_s), _counted(truth, take.beat_s)
    cmlt, amlt = continuity(true, told)
    bars = NAN
    if take.downbeat_s is not None:
        bars = f_measure(_counted(truth, truth.downbeat_s), _counted(truth, take.downbeat_s))
    return {"f": f_measure(true, told), "cmlt": cmlt, "amlt": amlt, "downbeat_f": bars}


def _counted(truth: Truth, times_s: F64) -> F64:
    out: F64 = times_s[truths.scored(truth, times_s)]
    return out


def _phase(found: AtBeats, truth: Truth) -> dict[str, float]:
    scored = truths.scored(truth, found.beat_s)
    if not scored.any():
        return {}
    half_period = 0.5 * truths.local_periods(found.beat_s)[1]
    absolute = np.where(np.isfinite(found.error_s), np.abs(found.error_s), half_period)[scored]
    locked = found.error_any_s[scored & found.is_locked_any]
    return {
        "lock": float(found.is_locked[scored].mean()),
        "lock_any": float(found.is_locked_any[scored].mean()),
        "phase_median_ms": 1e3 * float(np.median(absolute)),
        "phase_p95_ms": 1e3 * float(np.percentile(absolute, 95)),
        "bias_ms": 1e3 * float(np.median(locked)) if len(locked) else NAN,
    }


def _waits(found: AtBeats, truth: Truth) -> dict[str, float]:
    waited = [stable_after(found, since, until) for since, until in truths.waits(truth)]
    if not waited:
        return {}
    return {"time_to_lock_s": waited[0], "relock_s": float(np.mean(waited[1:])) if waited[1:] else NAN}


def _breaks(found: AtBeats, truth: Truth) -> dict[str, float]:
    drifts, right = [], []
    for start, end in truths.breaks(truth):
        early = truths.EARLY_S
        silent = np.flatnonzero((found.beat_s >= start - early) & (found.beat_s < end - early))
        after = np.flatnonzero(found.beat_s >= end - early)[:4]
        if not len(silent) or not len(after):
            continue
        drift = abs(float(found.error_any_s[silent[-1]]))
        half_period = 0.5 * float(found.beat_s[after[0]] - found.beat_s[silent[-1]])
        drifts.append(drift if np.isfinite(drift) else half_period)
        right.append(float(np.mean(np.abs(found.error_any_s[after]) <= LOCK_S)))
    if not drifts:
        return {}
    return {"drift_ms": 1e3 * float(np.mean(drifts)), "after_break": float(np.mean(right))}


def _form(take: Take, truth: Truth) -> dict[str, float]:
    """Return the scores of drops, phrases and sections, as far as both sides know them."""
    out: dict[str, float] = {}
    period = float(np.median(np.diff(truth.beat_s))) if len(truth.beat_s) > 1 else 0.5
    phrases = _counted(truth, truth.phrase_s)
    if take.phrase_s is not None and len(phrases):
        out["phrase_f"] = matched_f(phrases, _counted(truth, take.phrase_s), period)
    if take.section is None or not truth.sections:
        return out
    scored = truths.scored(truth, take.t_s)
    if scored.any():
        out["section"] = float(np.mean(take.section[scored] == section_at(truth, take.t_s[scored])))
    called = take.t_s[1:][(take.section[1:] == Section.DROP) & (take.section[:-1] != Section.DROP)]
    drops = truth.drop_s[truth.drop_s >= truths.TRIM_S]
    if len(drops):
        out["drop_recall"] = float(np.mean([bool(np.any(np.abs(called - t) <= period)) for t in drops]))
    out["false_drops"] = sum(_is_false_drop(t, truth, period) for t in called) * 600.0 / truth.duration_s
    return out


def _is_false_drop(called_s: float, truth: Truth, period: float) -> bool:
    """Whether a call is near no true drop; within a drop that began without a break before it it is not counted."""
    if len(truth.drop_s) and np.min(np.abs(truth.drop_s - called_s)) <= period:
        return False
    starts = [start for start, _ in truth.sections]
    at = max(0, int(np.searchsorted(starts, called_s, side="right")) - 1)
    start, section = truth.sections[at]
    follows_break = bool(len(truth.drop_s) and np.min(np.abs(truth.drop_s - start)) <= period)
    return section != Section.DROP or follows_break


def section_at(truth: Truth, times_s: F64) -> NDArray[np.int64]:
    """Return the true `Section` numbers at `times_s`."""
    starts = np.array([start for start, _ in truth.sections])
    numbers = np.array([int(section) for _, section in truth.sections])
    return numbers[np.maximum(np.searchsorted(starts, times_s, side="right") - 1, 0)]


def _on_non_music(take: Take, truth: Truth) -> dict[str, float]:
    told = take.beat_s
    out: dict[str, float] = {}
    if take.confidence is not None:
        settled = take.t_s >= SETTLE_S
        out["confidence"] = float(np.mean(take.confidence[settled])) if settled.any() else NAN
        at = np.maximum(np.searchsorted(take.t_s, told, side="right") - 1, 0)
        told = told[take.confidence[at] >= SURE] if len(told) else NOTHING
    return out | {"invented": len(told) * 60.0 / truth.duration_s}


def _wrap(position: F64) -> F64:
    """Return beats to the nearest integer, in [-0.5, 0.5)."""
    out: F64 = (position + 0.5) % 1.0 - 0.5
    return out


def _fits(rate: F64, before: F64, after: F64, times: float) -> Flags:
    """Return where `rate` is `times` the true tempo before or after the beat; never where it is NaN."""
    near: Flags = (np.abs(rate * before / times - 1.0) <= LOCK_TEMPO) | (
        np.abs(rate * after / times - 1.0) <= LOCK_TEMPO
    )
    return near
