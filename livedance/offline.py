"""The same brain and the same player on a virtual clock: a file becomes poses, faster than real time.

For every frame the brain first hears all audio up to that moment, then the player is asked: exactly what a screen with
no delay shows live. Show time is stream time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from livedance import state as states
from livedance.audio.file_source import FileSource
from livedance.audio.hops import HopMaker
from livedance.brain import Brain, BrainStep
from livedance.config import LiveConfig
from livedance.dance.player import ScorePlayer
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, AudioBlock, ClockState, Hop, Levels, PoseFrame

BLOCK_SAMPLES = 65_536
MAX_WAITING = 64
"""Frames that are placed at once, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineFrame:
    """One frame of a render."""

    pose: PoseFrame
    clock: ClockState
    levels: Levels
    state: Mapping[str, Any] | None = None
    """The show's `state` at that time; None where it is still the first one."""


def hear(path: Path, channels: list[int] | None = None, block_samples: int = BLOCK_SAMPLES) -> Iterator[Hop]:
    """Yield the hops of a file, as fast as they are read; the end is padded to whole hops with silence."""
    source = FileSource(path, paced=False, block_samples=block_samples)
    source.open()
    try:
        info = source.info
        hops = HopMaker(
            sample_rate_hz=info.sample_rate_hz, n_channels=info.n_channels, channels=channels, name=info.name
        )
        end_s, index = 0.0, 0
        while (block := source.read(0.0)) is not None:
            yield from hops.push(block)
            end_s, index = block.t_s + len(block.samples) / block.sample_rate_hz, block.index
        # What is left in the hop maker and its resampler comes out with a little silence behind it.
        silence = np.zeros((block_samples, info.n_channels), np.float32)
        tail = AudioBlock(index=index + 1, t_s=end_s, sample_rate_hz=info.sample_rate_hz, samples=silence)
        yield from hops.push(tail)
    finally:
        source.close()


def steps(config: LiveConfig, seed: int, hops: Iterator[Hop]) -> Iterator[BrainStep]:
    """Yield what the brain makes of each hop."""
    brain = Brain(config, seed, states.first_controls(config))
    for hop in hops:
        yield brain.step(hop)


def frames(
    config: LiveConfig,
    seed: int,
    hops: Iterator[Hop],
    duration_s: float,
    fps: float,
    on_step: Callable[[BrainStep], None] = lambda step: None,
) -> Iterator[OfflineFrame]:
    """Yield the shown dancers at 0, 1/fps, ... up to `duration_s`; `on_step` sees every brain step."""
    player = ScorePlayer()
    show = states.first_state(config)
    player.set_arrangement(show.arrangement)
    made = steps(config, seed, _padded(hops))
    clock, levels, heard_s, state = ClockState(), Levels(), 0.0, None
    player.set_clock(clock)
    waiting: list[tuple[float, Levels]] = []  # frames between two changes are asked for at once: that costs less

    def shown() -> Iterator[OfflineFrame]:
        poses = player.poses_at([t_s for t_s, _ in waiting])
        for pose, (_, heard) in zip(poses, waiting, strict=True):
            yield OfflineFrame(pose=pose, clock=clock, levels=heard, state=state)
        waiting.clear()

    for index in range(int(np.floor(duration_s * fps + 1e-9)) + 1):
        t_s = index / fps
        while heard_s + HOP_SAMPLES / HOP_RATE_HZ <= t_s:
            step = next(made)
            if waiting and (step.clock_changed or step.windows or step.directed or len(waiting) >= MAX_WAITING):
                yield from shown()
            heard_s, levels = step.features.t_s, step.features.levels
            if step.clock_changed:
                clock = step.clock
                player.set_clock(clock)
            for window in step.windows:
                player.add(window, heard_s)
            if step.directed is not None:
                if states.direct(show, step.directed):
                    player.set_arrangement(show.arrangement)
                state = show.to_json()
            on_step(step)
        waiting.append((t_s, levels))
    yield from shown()


def _padded(hops: Iterator[Hop]) -> Iterator[Hop]:
    """Yield `hops`, then silence for ever: the dance goes on to the last frame."""
    index = -1
    for hop in hops:
        index = hop.index
        yield hop
    silence = np.zeros(HOP_SAMPLES, np.float32)
    while True:
        index += 1
        yield Hop(index=index, t_s=(index + 1) * HOP_SAMPLES / HOP_RATE_HZ, samples=silence)
