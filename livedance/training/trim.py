"""Cuts what is no dance from a take: standing about at its ends, walking up to the partner, lost feet.

A take has one dancer or a couple; both partners of a couple are cut alike, so that they stay together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance import marks
from livedance.evaluation import accents
from livedance.training import contacts

Array = NDArray[np.floating]

SUNK_M: Final = 0.15
"""A foot this far under the floor was lost by the capture: the take is cut there."""
TOGETHER_M: Final = 1.3
"""Partners whose hips are further apart than this at an end of their take are still walking up, or already parted."""
FEWEST_BEATS: Final = 4
"""Ends are never cut so far that fewer beats are left."""


def dance_span(tracks: Sequence[Array], floors_m: Sequence[float], fps: float) -> tuple[int, int]:
    """Return the frames [first, last) that are kept of the positions (T, 23, 3) of each dancer in a shared space."""
    first, last = lively_span(tracks, fps)
    if len(tracks) == 2:
        first, last = together_span(*tracks, first, last)
    return sound_span(tracks, floors_m, first, last)


def lively_span(tracks: Sequence[Array], fps: float) -> tuple[int, int]:
    """Return the frames without long standing about before and after: a coarse cut, before there are beats."""
    speed = np.mean([accents.joint_speed(track, fps) for track in tracks], axis=0)
    width = int(0.4 * fps)
    smooth = np.convolve(np.pad(speed, width, mode="edge"), np.ones(2 * width + 1) / (2 * width + 1), mode="valid")
    lively = np.flatnonzero(smooth > 0.3 * marks.usual(smooth))
    margin = int(0.2 * fps)
    return max(int(lively[0]) - margin, 0), min(int(lively[-1]) + margin + 1, len(speed))


def together_span(leader: Array, follower: Array, first: int, last: int) -> tuple[int, int]:
    """Return the part of [first, last) from where the partners have met until they part for good."""
    apart = np.linalg.norm((leader[first:last, 0] - follower[first:last, 0])[:, [0, 2]], axis=-1)
    near = np.flatnonzero(apart < TOGETHER_M)
    return (first + int(near[0]), first + int(near[-1]) + 1) if len(near) else (first, last)


def sound_span(tracks: Sequence[Array], floors_m: Sequence[float], first: int, last: int) -> tuple[int, int]:
    """Return the longest part of [first, last) in which no foot sinks into its dancer's floor."""
    sound = np.ones(last - first, dtype=bool)
    for track, floor in zip(tracks, floors_m, strict=True):
        sound &= track[first:last, skeleton.CONTACT_JOINTS, 1].min(axis=1) - floor > -SUNK_M
    start, stop = max(contacts.runs(sound), key=lambda run: run[1] - run[0])
    return first + start, first + stop


def dance_beats(joints: Sequence[Array], seconds: Array) -> tuple[int, int]:
    """Return the beats [first, last) without still or idly standing ones at both ends; a couple moves while one does.

    Joints (4 n + 1, 23, 3) of every dancer are given at the quarter beats, which lie at `seconds` (4 n + 1,).
    """
    first, last = 0, (len(seconds) - 1) // marks.PER_BEAT
    while True:  # what is usual in a clip rises when its ends go
        span = slice(marks.PER_BEAT * first, marks.PER_BEAT * last + 1)
        seen = [marks.of_joints(j[span], seconds[span], is_floor_work=False) for j in joints]
        start, stop = lively_beats(np.logical_and.reduce([m.still | m.idle for m in seen]))
        if (start, stop) == (0, last - first):
            break
        first, last = first + start, first + stop
    down = np.logical_or.reduce([marks.of_joints(j, seconds, is_floor_work=True).down for j in joints])
    return _upright(down, first, last)


def _upright(down: NDArray[np.bool_], first: int, last: int) -> tuple[int, int]:
    """Return [first, last) with the way down and the way up, which may be slow."""
    while first > 0 and down[first]:
        first -= 1
    while last < len(down) and down[last - 1]:
        last += 1
    return first, last


def lively_beats(waits: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the beats [first, last) from the first pair of moving ones to the last; all where too few would be left.

    waits: (n,) True on still and idle beats.
    """
    pairs = np.flatnonzero(~waits[:-1] & ~waits[1:])
    if not len(pairs) or pairs[-1] + 2 - pairs[0] < FEWEST_BEATS:
        return 0, len(waits)
    return int(pairs[0]), int(pairs[-1]) + 2
