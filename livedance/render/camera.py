"""The camera: a level perspective view of the stage whose framing follows the dancers slowly.

Verticals stay upright: the camera looks level and the picture is shifted up or down like a view
camera's, so a low camera makes a tall dancer instead of a leaning one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.errors import ConfigError, near
from livedance.messages import Controls, PoseFrame
from livedance.skeleton import INDEX, STATURE_M

Array = NDArray[np.floating]

NEAR_M: Final = 0.4
"""Nearest depth that is projected as it is; nearer points are clamped to it."""
FAR_PX: Final = 20_000.0
"""Pixel coordinates are kept within this, far outside any picture, so that no later step overflows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A place to look from."""

    height_m: float
    """Height of the lens over the floor: where the horizon lies."""
    distance_m: float
    """From the lens to the middle of the dancers."""
    yaw_rad: float = 0.0
    """Turn round the dancers; positive walks to the audience's right."""
    extent: float = 1.0
    """Share of the usual picture height that is shown."""
    rise_m: float = 0.0
    """How far the picture's lower edge is lifted: above 0 it is a close-up, which hands and feet may leave."""
    orbit_rad: float = 0.0
    """Turn per dance beat."""


PRESETS: Final[dict[str, Preset]] = {
    "front": Preset(height_m=1.05, distance_m=6.5),
    "orbit": Preset(height_m=1.25, distance_m=6.0, orbit_rad=math.pi / 32),
    "close": Preset(height_m=1.35, distance_m=5.0, yaw_rad=0.25, extent=0.64, rise_m=0.70),
    "wide": Preset(height_m=1.6, distance_m=8.0, extent=1.5),
    "low": Preset(height_m=0.28, distance_m=4.6),
}
"""Presets by name, in the order in which key C steps through them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where people moved the camera from its preset; it stays level."""

    yaw_rad: float = 0.0
    """Further round the dancers; positive to the audience's right."""
    away_m: float = 0.0
    """Further from the dancers; negative is nearer, and larger."""
    x_m: float = 0.0
    """To the right of the picture."""
    y_m: float = 0.0
    """Up."""

    @classmethod
    def by(cls, controls: Controls) -> Moved:
        """Return the move that `controls` ask for."""
        return cls(
            yaw_rad=math.radians(controls.camera_yaw_deg),
            away_m=controls.camera_dist_m,
            x_m=controls.camera_x_m,
            y_m=controls.camera_y_m,
        )


STILL: Final = Moved()
"""The preset as it is."""

BELOW_FLOOR_M: Final = 0.085
"""Picture below the floor line at the dancer's depth: room for toes that point at the lens."""
FLOOR_SHARE: Final = 0.25
"""Share of the extra height of a wide group's picture that shows floor, not air."""
FILL: Final = 0.755
"""Standing height of one dancer as a share of the picture's height."""
SOLO_M: Final = STATURE_M / FILL
"""Height of a picture for one dancer."""
REACH_M: Final = 0.95
"""Half of the width that one dancer needs: an arm stretched sideways with its hand."""
SETTLE_S: Final = 0.9
"""Time constant of the slow follow in a wide picture."""
OPEN_S: Final = 0.35
"""That of making room for a raised hand or a wide step..."""
CLOSE_S: Final = 2.8
"""... and of taking it back."""
MOST_M: Final = 60.0
"""Height of the widest picture; who leaves that one is lost."""
ROOM_M: Final = 0.05
"""Air that is kept beyond hands, feet and crown."""
PUSH: Final = 0.05
"""Share of its height that the picture slowly loses over eight bars, and gains over the next eight."""
PUSH_BEATS: Final = 64.0
HAND_M: Final = 0.18
CROWN_M: Final = 0.15
TOE_M: Final = 0.06
"""How far fingertips, crown and shoes reach beyond wrists, head joint and toes."""
_REACHES: Final = tuple(
    (INDEX[a], INDEX[b], m)
    for a, b, m in (
        *((f"{s}_elbow", f"{s}_wrist", HAND_M) for s in "lr"),
        ("neck", "head", CROWN_M),
        *((f"{s}_ankle", f"{s}_toe", TOE_M) for s in "lr"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """What the picture should hold, in metres on the stage. Interpolates linearly."""

    x_m: float
    """Middle of the picture, along the picture's width."""
    z_m: float
    """Depth on which the sizes hold, towards the lens."""
    height_m: float
    """Height of the picture at that depth."""
    rise_m: float = 0.0
    """How far its lower edge is lifted; below 0 lowered."""

    @property
    def below_floor_m(self) -> float:
        """How much of `height_m` lies below the floor line; less than nothing in a close-up."""
        return BELOW_FLOOR_M + FLOOR_SHARE * max(0.0, self.height_m - SOLO_M) - self.rise_m

    def as_array(self) -> Array:
        """Return (4,) x, z, height, rise."""
        return np.array([self.x_m, self.z_m, self.height_m, self.rise_m])

    @classmethod
    def of(cls, values: Array) -> Framing:
        """Return what `as_array` was made of."""
        x, z, height, rise = (float(value) for value in values)
        return cls(x_m=x, z_m=z, height_m=height, rise_m=rise)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One frozen projection; pure."""

    preset: Preset
    framing: Framing
    width_px: int
    height_px: int
    yaw_rad: float = 0.0
    """Of the preset, its orbit and the move together."""
    moved: Moved = STILL

    @property
    def focal_px(self) -> float:
        """Pixels per metre at one metre of depth."""
        return self.height_px / self.framing.height_m * self.preset.distance_m

    def project(self, positions_m: Array) -> tuple[Array, Array]:
        """Return pixels (..., 2), x right and y down, and depth (...) in metres in front of the lens."""
        p = turn(np.nan_to_num(positions_m, posinf=0.0, neginf=0.0), self.yaw_rad)
        moved = self.moved
        depth = np.maximum(self.preset.distance_m + moved.away_m + self.framing.z_m - p[..., 2], NEAR_M)
        scale = self.focal_px / depth
        x = 0.5 * self.width_px + (p[..., 0] - self.framing.x_m - moved.x_m) * scale
        y = self.horizon_px - (p[..., 1] - self.preset.height_m - moved.y_m) * scale
        pixels = np.stack([x, y], axis=-1)
        return np.clip(pixels, -FAR_PX, FAR_PX), depth

    def pixels_per_m(self, depth_m: Array) -> Array:
        """Return the scale of the picture at a depth."""
        return self.focal_px / depth_m

    @property
    def horizon_px(self) -> float:
        """Row of the horizon, where the floor ends."""
        floor_px = self.height_px * (1.0 - self.framing.below_floor_m / self.framing.height_m)
        return floor_px - self.preset.height_m * self.focal_px / self.preset.distance_m


def turn(positions_m: Array, yaw_rad: float) -> Array:
    """Return positions (..., 3) in the camera's axes: x to the right of the picture, z to the lens.

    The audience faces the dancer, so the dancer's left (+x) is on the picture's right.
    """
    if yaw_rad == 0.0:
        return np.asarray(positions_m, dtype=np.float64)
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    x, y, z = positions_m[..., 0], positions_m[..., 1], positions_m[..., 2]
    return np.stack([c * x - s * z, y, s * x + c * z], axis=-1)


def find_preset(name: str) -> Preset:
    """Return the preset called `name`; raises `ConfigError` that lists what there is."""
    if name not in PRESETS:
        raise ConfigError(f"there is no camera '{name}'{near(name, PRESETS)} There are: {', '.join(PRESETS)}")
    return PRESETS[name]


def fit(root_position_m: Array, aspect: float, yaw_rad: float = 0.0) -> Framing:
    """Return the framing that holds dancers at roots (N, 3) in a picture of `aspect` = width / height. Pure.

    One dancer stands at `FILL` of the height whatever the aspect; only dancers side by side widen the
    picture. Without dancers the middle of the stage is framed for one.
    """
    roots = np.nan_to_num(np.asarray(root_position_m, dtype=np.float64), posinf=0.0, neginf=0.0)
    if len(roots) == 0:
        return Framing(x_m=0.0, z_m=0.0, height_m=SOLO_M)
    seen = turn(np.clip(roots, -8.0, 8.0), yaw_rad)
    left, right = float(seen[:, 0].min()), float(seen[:, 0].max())
    front = float(seen[:, 2].max())
    # A second dancer needs the full reach of both; one alone may fill a narrow picture with the arms cut.
    spread = right - left
    width = spread + 2.0 * REACH_M * min(1.0, spread / REACH_M)
    return Framing(x_m=0.5 * (left + right), z_m=front, height_m=max(SOLO_M, width / aspect))


def seen_by(preset: Preset, framing: Framing, beats: float = 0.0) -> Framing:
    """Return what `preset` makes of a framing at a dance position. Pure.

    A close-up of several keeps all of them; the push goes in and out again by the beat, so nothing jumps.
    """
    push = 1.0 - PUSH * (0.5 - 0.5 * math.cos(2.0 * math.pi * beats / PUSH_BEATS))
    share = preset.extent
    if preset.rise_m > 0.0:
        share = 1.0 - (1.0 - share) * max(0.0, 1.0 - 2.0 * (framing.height_m / SOLO_M - 1.0))
    rise_m = preset.rise_m * (1.0 - share) / max(1.0 - preset.extent, 1e-6) if preset.rise_m > 0.0 else 0.0
    return replace(framing, height_m=framing.height_m * share * push, rise_m=rise_m)


def tips(joint_positions_m: Array) -> Array:
    """Return (K, 3): all joints (N, 23, 3), and how far fingertips, crowns and shoes reach beyond them."""
    joints = np.nan_to_num(np.asarray(joint_positions_m, dtype=np.float64), posinf=0.0, neginf=0.0)
    out = [joints.reshape(-1, 3)]
    for before, last, reach_m in _REACHES:
        way = joints[:, last] - joints[:, before]
        size = np.linalg.norm(way, axis=-1, keepdims=True)
        out.append(joints[:, last] + reach_m * way / np.maximum(size, 1e-6))
    return np.concatenate(out)


def room_for(points_m: Array, preset: Preset, framing: Framing, aspect: float, room_m: float) -> Framing:
    """Return `framing` with at least the height, and as low an edge, as points (K, 3) in the camera's axes need. Pure.

    One dancer's arms may leave a narrow picture (`fit`): there only feet and crown count.
    """
    depth = np.maximum(preset.distance_m + framing.z_m - points_m[:, 2], NEAR_M)
    scale = preset.distance_m / depth
    y = preset.height_m + (points_m[:, 1] - preset.height_m) * scale
    drop = max(-framing.rise_m, 0.5 * room_m - float(y.min()) - BELOW_FLOOR_M, 0.0)
    above = float(y.max()) + room_m + BELOW_FLOOR_M + drop
    if above > SOLO_M:  # a higher picture shows more floor, too
        above = (above - FLOOR_SHARE * SOLO_M) / (1.0 - FLOOR_SHARE)
    aside = 0.0
    if aspect > 1.0:
        aside = 2.0 * (float(np.abs((points_m[:, 0] - framing.x_m) * scale).max()) + room_m) / aspect
    return replace(framing, height_m=min(max(framing.height_m, above, aside), MOST_M), rise_m=-min(drop, MOST_M))


class Camera:
    """Follows the dancers with a critically damped spring, and makes room in time for what they reach for.

    A cut (new preset, reset, somebody more) seats at once.
    """

    def __init__(self, settle_s: float = SETTLE_S) -> None:
        self.settle_s = settle_s
        self._key: tuple[str, int, int] | None = None
        self._dancers = 0
        self._at_s = 0.0
        self._value: Array = np.zeros(4)
        self._speed: Array = np.zeros(4)

    def reset(self) -> None:
        """Seat at the target with the next pose."""
        self._key = None

    def view(self, pose: PoseFrame, width_px: int, height_px: int, preset: str = "front", moved: Moved = STILL) -> View:
        """Return the view for `pose`; moves on by the pose's own time, never by the machine's."""
        chosen = find_preset(preset)
        aspect = width_px / height_px
        beats = pose.dance_position if math.isfinite(pose.dance_position) else 0.0
        yaw_rad = chosen.yaw_rad + chosen.orbit_rad * beats + moved.yaw_rad
        wanted = seen_by(chosen, fit(pose.root_position_m, aspect, yaw_rad), beats)
        points = None
        if chosen.rise_m == 0.0 and len(pose.root_position_m) > 0:
            points = turn(tips(pose.joint_positions_m), yaw_rad)
            wanted = room_for(points, chosen, wanted, aspect, ROOM_M)
        target = wanted.as_array()
        key, dancers = (preset, width_px, height_px), len(pose.root_position_m)
        dt = pose.t_s - self._at_s
        if key != self._key or dancers > self._dancers or not 0.0 <= dt < 2.0:
            self._key, self._value, self._speed = key, target, np.zeros(4)
        else:
            self._spring(target, dt, aspect)
        self._at_s, self._dancers = pose.t_s, dancers
        if points is not None:
            self._hold(points, chosen, aspect)
        framing = Framing.of(self._value)
        return View(
            preset=chosen, framing=framing, width_px=width_px, height_px=height_px, yaw_rad=yaw_rad, moved=moved
        )

    def _hold(self, points_m: Array, preset: Preset, aspect: float) -> None:
        """Widen the picture at once by what a quick hand or foot is ahead of the spring."""
        least = room_for(points_m, preset, Framing.of(self._value), aspect, 0.0).as_array()
        ahead = np.array([False, False, least[2] > self._value[2] + 1e-9, least[3] < self._value[3] - 1e-9])
        self._value = np.where(ahead, least, self._value)

    def _spring(self, target: Array, dt: float, aspect: float) -> None:
        # Exact solution of the critically damped spring, so that 30 and 144 frames a second agree.
        # A narrow picture has less room beside the dancer: follow faster there.
        settle_s = self.settle_s * min(1.0, max(0.35, aspect / 1.6))
        opens = OPEN_S if target[2] > self._value[2] else CLOSE_S
        sinks = OPEN_S if target[3] < self._value[3] else CLOSE_S
        rate = 2.0 / np.array([settle_s, settle_s, opens, sinks])
        offset = self._value - target
        slope = self._speed + rate * offset
        fade = np.exp(-rate * dt)
        self._value = target + (offset + slope * dt) * fade
        self._speed = (self._speed - rate * slope * dt) * fade
