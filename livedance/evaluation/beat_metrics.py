"""The field's scores by mir_eval, with its corner cases named: nothing to find is NaN, nothing found is 0."""

from __future__ import annotations

import warnings
from types import ModuleType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.errors import MissingExtra

F64 = NDArray[np.float64]

WINDOW_S: Final = 0.07
"""The field's tolerance of F."""
NAN: Final = float("nan")


def f_measure(true_s: F64, told_s: F64) -> float:
    """Return F within 70 ms, each beat matched once."""
    return matched_f(true_s, told_s, WINDOW_S)


def matched_f(true_s: F64, told_s: F64, window_s: float) -> float:
    """Return F of the greatest one-to-one matching within `window_s`; NaN without true events."""
    if not len(true_s):
        return NAN
    if not len(told_s):
        return 0.0
    hits = len(_mir_eval().util.match_events(true_s, told_s, window_s))
    return 2.0 * hits / (len(true_s) + len(told_s))


def continuity(true_s: F64, told_s: F64) -> tuple[float, float]:
    """Return (CMLt, AMLt): shares of beats in continuity at the right, and at any allowed, metrical level."""
    if len(true_s) < 2:
        return NAN, NAN
    if len(told_s) < 2:
        return 0.0, 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, cmlt, _, amlt = _mir_eval().beat.continuity(true_s, _distinct(told_s))
    return float(cmlt), float(amlt)


def _distinct(times_s: F64) -> F64:
    """Return the times without repetitions, which mir_eval would divide by."""
    kept: F64 = times_s[np.concatenate(([True], np.diff(times_s) > 1e-6))]
    return kept


def _mir_eval() -> ModuleType:
    try:
        import mir_eval.beat
        import mir_eval.util
    except ImportError as error:
        raise MissingExtra("scoring beats", "train") from error
    return mir_eval  # type: ignore[no-any-return]
