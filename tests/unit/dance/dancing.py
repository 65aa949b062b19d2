"""Requests, and a dance of one generator as the cast makes it: what the tests of this package dance with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from livedance import rotations, skeleton
from livedance.dance.arrangement import room_for
from livedance.dance.cast import Cast
from livedance.dance.generator import DanceGenerator, WindowRequest
from livedance.dance.life import LifeParts
from livedance.dance.options import as_wished
from livedance.dance.performer import ALIVE
from livedance.dance.style_table import Heard
from livedance.messages import COMMIT_SAMPLES, SAMPLES_PER_BEAT, Controls, MotionWindow, Section

FPS = 60.0
LIFELESS = LifeParts(gaze=0.0, head=0.0, nod=0.0, breath=0.0, chest=0.0, feet=0.0, weight=0.0, hands=0.0)


def a_request(beat_start: float, plan: int, **changes: Any) -> WindowRequest:
    """Return a request at 120 BPM; the bar begins on beat 0."""
    wishes: dict[str, Any] = {
        "beat_start": beat_start, "dancer": 0, "plan": plan, "seed": 1, "dance_bpm": 120.0,
        "bar_beat": beat_start % 4.0, "phrase_bar": int(beat_start // 4) % 8, "energy": 0.5,
        "sounds": Heard(tempo=120.0), "section": Section.GROOVE, "build": 0.0, "is_silent": False, "heard": True,
        "style": "auto", "groove": 0.35,
    }  # fmt: skip
    return WindowRequest(**{**wishes, **changes})


class Dance:
    """One cast, beat after beat."""

    def __init__(
        self, generator: DanceGenerator, *, seed: int = 1, is_choreographed: bool = False, parts: LifeParts = ALIVE
    ) -> None:
        self.cast = Cast(generator, seed, as_wished, parts, is_choreographed)
        self.seed = seed
        self.plan = 0
        self.windows: list[MotionWindow] = []

    def at(self, beat_start: float, controls: Controls | None = None, **changes: Any) -> list[MotionWindow]:
        """Return the windows from `beat_start` on."""
        controls = controls or Controls()
        request = a_request(beat_start, self.plan, **{"seed": self.seed, "room": room_for(controls), **changes})
        windows = self.cast.windows(request, controls)
        self.plan += 1
        self.windows += windows
        return windows

    def roll(self, n: int, controls: Controls | None = None, **changes: Any) -> list[MotionWindow]:
        """Return the windows of `n` beats from -0.5 on; a change may be a function of the beat's number."""
        made: list[MotionWindow] = []
        for i in range(n):
            now = {k: v(i) if isinstance(v, Callable) else v for k, v in changes.items()}  # type: ignore[arg-type]
            made += self.at(i - 0.5, controls, **now)
        return made


def committed(windows: list[MotionWindow]) -> tuple[np.ndarray, np.ndarray]:
    """Return roots and rotations of the first halves, one after the other."""
    root = np.concatenate([w.root_position_m[:COMMIT_SAMPLES] for w in windows])
    return root, np.concatenate([w.joint_rotations_wxyz[:COMMIT_SAMPLES] for w in windows])


def shown(windows: list[MotionWindow], dance_bpm: float, fps: float = FPS) -> tuple[np.ndarray, np.ndarray]:
    """Return (dance beats (T,), joints (T, 23, 3)) as a screen would show them."""
    root, turned = committed(windows)
    beats = np.arange(1.0, windows[-1].beat_start, dance_bpm / 60.0 / fps)
    at = (beats - windows[0].beat_start) * SAMPLES_PER_BEAT
    i = at.astype(int)
    share = at - i
    between = root[i] + share[:, None] * (root[i + 1] - root[i])
    return beats, skeleton.forward_kinematics(between, rotations.slerp(turned[i], turned[i + 1], share[:, None]))
