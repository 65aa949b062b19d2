"""What our tracker shall reach, and against whom (design: beat numbers)."""

from __future__ import annotations

from typing import Final

from livedance.evaluation import beat_suite
from livedance.evaluation.beat_aggregate import Goal

_SYNTHETIC: Final = (beat_suite.SYNTHETIC,)
_REAL: Final = (beat_suite.TRACKS, beat_suite.LMMS)
_MUSIC: Final = _SYNTHETIC + _REAL
_NON_MUSIC: Final = (beat_suite.NON_MUSIC,)

NEVER_BELOW: Final = "aubio complex/2048"
"""On no category may ours be below this peer."""

GOALS: Final = (
    Goal(measure="f", groups=_SYNTHETIC, bound=0.95, text="F, synthetic"),
    Goal(measure="amlt", groups=_SYNTHETIC, bound=0.95, text="AMLt, synthetic"),
    Goal(measure="f", groups=_REAL, bound=0.92, text="F, real"),
    Goal(measure="amlt", groups=_REAL, bound=0.94, text="AMLt, real"),
    Goal(measure="lock_any", groups=_SYNTHETIC, bound=0.96, text="lock at any octave, synthetic"),
    Goal(measure="lock_any", groups=_REAL, bound=0.95, text="lock at any octave, real"),
    Goal(measure="lock_any", groups=_SYNTHETIC, bound=1.0, text="lock at any octave, ramps", category="ramp"),
    Goal(measure="phase_median_ms", groups=_MUSIC, bound=8.0, text="phase error, median, ms"),
    Goal(measure="phase_p95_ms", groups=_MUSIC, bound=35.0, text="phase error, p95, ms"),
    Goal(measure="bias_ms", groups=_MUSIC, bound=4.0, text="bias, ms (absolute)"),
    Goal(measure="time_to_lock_s", groups=_MUSIC, bound=1.5, text="time to lock, s"),
    Goal(measure="relock_s", groups=_SYNTHETIC, bound=2.5, text="re-lock after cut, mix, ramp, s"),
    Goal(measure="drift_ms", groups=_MUSIC, bound=20.0, text="drift at the end of a break, ms"),
    Goal(measure="after_break", groups=_MUSIC, bound=1.0, text="first four beats after a break"),
    Goal(measure="downbeat_f", groups=_SYNTHETIC, bound=0.80, text="downbeat F, synthetic"),
    Goal(measure="downbeat_f", groups=_REAL, bound=0.80, text="downbeat F, real"),
    Goal(measure="drop_recall", groups=_SYNTHETIC, bound=0.90, text="drops called within a beat"),
    Goal(measure="false_drops", groups=_SYNTHETIC, bound=1.0, text="false drops in 10 min"),
    Goal(measure="phrase_f", groups=_SYNTHETIC, bound=0.70, text="phrase boundary F"),
    Goal(measure="confidence", groups=_NON_MUSIC, bound=0.3, text="confidence on non-music"),
    Goal(measure="invented", groups=_NON_MUSIC, bound=0.0, text="invented beats a minute"),
    Goal(measure="cpu", groups=_MUSIC, bound=0.03, text="share of one core"),
    Goal(measure="worst_cpu_ms", groups=_MUSIC, bound=5.0, text="longest call, ms of processor time"),
    Goal(measure="worst_ms", groups=_MUSIC, bound=5.0, text="longest call, ms by the wall clock"),
)
