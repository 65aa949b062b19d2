"""Dances of a generator without audio: one cast, one style, exact beats; what is shown, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance import clip_sampler
from livedance.dance.cast import Cast
from livedance.dance.generator import WindowRequest
from livedance.dance.library import Clip
from livedance.dance.options import as_wished
from livedance.dance.performer import ALIVE
from livedance.dance.style_table import Heard
from livedance.dance.window import Trace, Wish
from livedance.messages import COMMIT_SAMPLES, SAMPLES_PER_BEAT, SEAM_PHASE, Controls, Section

Array = NDArray[np.floating]

ENERGIES: Final = (0.35, 0.6, 0.85)
"""Eight bars each, in turn: no dance is measured at one energy alone."""
SETTLE_BEATS: Final = 8
"""Left out at the start."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dance:
    """One dance in beat time."""

    name: str
    style: str
    bpm: float
    joints_m: Array
    """(16 n, 23, 3); sample 0 lies half-way between two beats."""
    step_ms: Array
    """(n,) CPU time of the generator for each window; empty for a clip."""
    refused: int = 0
    """Windows of a network that were no motion of a body."""

    @property
    def fps(self) -> float:
        """Samples per second."""
        return self.bpm * SAMPLES_PER_BEAT / 60.0


class _Timed:
    """A generator whose steps are timed."""

    def __init__(self, generator: Any) -> None:
        self._generator = generator
        self.dances_in_silence = generator.dances_in_silence
        self.step_ms: list[float] = []
        self.state: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._generator, name)

    def step(self, state: Any, request: WindowRequest, past: Trace | None) -> tuple[Wish, Any]:
        """Return what the generator wishes."""
        started = time.process_time()
        wish, self.state = self._generator.step(state, request, past)
        self.step_ms.append(1e3 * (time.process_time() - started))
        return wish, self.state


def dance(name: str, make: Callable[[], Any], style: str, *, bpm: float, n_beats: int, seed: int) -> Dance:
    """Return `n_beats` of a choreographed dance, after some beats that are left out."""
    generator: Any = _Timed(make())
    cast = Cast(generator, seed, as_wished, ALIVE, True)
    windows = []
    for plan in range(SETTLE_BEATS + n_beats):
        windows += cast.windows(a_request(plan, seed, style, bpm), Controls())
    root = np.concatenate([w.root_position_m[:COMMIT_SAMPLES] for w in windows[SETTLE_BEATS:]])
    turned = np.concatenate([w.joint_rotations_wxyz[:COMMIT_SAMPLES] for w in windows[SETTLE_BEATS:]])
    return Dance(
        name=name,
        style=style,
        bpm=bpm,
        joints_m=skeleton.forward_kinematics(root, turned),
        step_ms=np.array(generator.step_ms[SETTLE_BEATS:]),
        refused=getattr(generator.state, "refused", 0),
    )


def a_request(plan: int, seed: int, style: str, bpm: float) -> WindowRequest:
    """Return the request for window `plan` of steady music whose energy changes every eight bars."""
    beat = plan - SEAM_PHASE
    energy = ENERGIES[int(beat // 32) % len(ENERGIES)]
    return WindowRequest(
        beat_start=beat,
        dancer=0,
        plan=plan,
        seed=seed,
        dance_bpm=bpm,
        bar_beat=beat % 4.0,
        phrase_bar=int(beat // 4) % 8,
        energy=energy,
        sounds=Heard(tempo=bpm, energy=energy),
        section=Section.GROOVE,
        build=0.0,
        is_silent=False,
        heard=True,
        style=style,
        auto_style=style,
        groove=0.35,
    )


def of_clip(name: str, clip: Clip) -> Dance:
    """Return a clip as it was danced, in its own beats at its own tempo."""
    beats = SEAM_PHASE + np.arange((clip.n_beats - 1) * SAMPLES_PER_BEAT) / SAMPLES_PER_BEAT
    motion = clip_sampler.sample(clip, beats)
    joints = skeleton.forward_kinematics(motion.root_position_m, motion.joint_rotations_wxyz)
    return Dance(name=name, style=clip.style, bpm=clip.native_bpm, joints_m=joints, step_ms=np.zeros(0))


def shuffled(of: Dance, seed: int = 0) -> Dance:
    """Return the beats of a dance in another order."""
    n = len(of.joints_m) // SAMPLES_PER_BEAT
    beats = of.joints_m[: n * SAMPLES_PER_BEAT].reshape(n, SAMPLES_PER_BEAT, *of.joints_m.shape[1:])
    order = np.random.default_rng(seed).permutation(n)
    return Dance(
        name="shuffled beats", style=of.style, bpm=of.bpm, joints_m=np.concatenate(beats[order]), step_ms=np.zeros(0)
    )


def still(of: Dance) -> Dance:
    """Return the mean pose of a dance, held."""
    mean = np.broadcast_to(phrases(of, 1).reshape(-1, *of.joints_m.shape[1:]).mean(axis=0), of.joints_m.shape)
    return Dance(name="mean pose", style=of.style, bpm=of.bpm, joints_m=np.array(mean), step_ms=np.zeros(0))


def phrases(of: Dance, n_beats: int, stride: int = 1) -> Array:
    """Return (N, 16 n_beats, 23, 3): phrases from each `stride`-th beat on, about where they begin, facing ahead."""
    length = n_beats * SAMPLES_PER_BEAT
    starts = range(0, len(of.joints_m) - length + 1, stride * SAMPLES_PER_BEAT)
    cut = np.stack([of.joints_m[s : s + length] for s in starts]) if len(starts) else np.zeros((0, length, 23, 3))
    return ahead(cut)


def ahead(cut: Array) -> Array:
    """Return phrases (N, T, 23, 3) moved and turned so that each begins at the origin, facing the audience."""
    if not len(cut):
        return cut
    yaw = clip_sampler.facing(cut[:, 0])
    cos, sin = np.cos(yaw)[:, None, None], np.sin(yaw)[:, None, None]
    out = cut.copy()
    out[..., [0, 2]] -= cut[:, :1, :1][..., [0, 2]]
    x, z = out[..., 0].copy(), out[..., 2].copy()
    out[..., 0], out[..., 2] = cos * x - sin * z, sin * x + cos * z
    return out
