"""A dancer who stands and may turn: the simplest motion to put life into."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livedance import rotations
from livedance.dance import life, stance
from livedance.dance.window import TRACK_SAMPLES, Feet, Motion

Array = NDArray[np.floating]
NOTHING = life.LifeParts(gaze=0.0, head=0.0, nod=0.0, breath=0.0, chest=0.0, feet=0.0, weight=0.0, hands=0.0)


def standing(yaw_rad: Array | float = 0.0) -> tuple[Motion, Feet]:
    """Return 33 rows of somebody who stands at the middle and faces `yaw_rad`."""
    yaw = np.broadcast_to(np.asarray(yaw_rad, dtype=np.float64), (TRACK_SAMPLES,))
    turned = np.broadcast_to(stance.pose(), (TRACK_SAMPLES, 23, 4)).copy()
    turned[:, 0] = rotations.about_y(yaw)
    root = np.zeros((TRACK_SAMPLES, 3))
    root[:, 1] = stance.HIPS_HEIGHT_M
    contact = np.ones((TRACK_SAMPLES, 4))
    motion = Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=contact)
    return motion, stance.feet(TRACK_SAMPLES, np.zeros(2), yaw)


def context(beat_start: float = 0.5, **changes: object) -> life.LifeContext:
    """Return a context at 120 BPM whose bar began on beat 0."""
    known: dict[str, object] = {
        "dance_bpm": 120.0,
        "bar_beat": beat_start % 4.0,
        "phrase_bar": int(beat_start // 4.0) % 8,
        "energy": 0.6,
    }
    return life.LifeContext(beat_start=beat_start, **{**known, **changes})  # type: ignore[arg-type]
