"""Arms: where they are, wrists put elsewhere by two-bone IK, and the arms of one dance over the legs of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance.window import Motion

Array = NDArray[np.floating]

CHEST, NECK = skeleton.INDEX["chest"], skeleton.INDEX["neck"]
SHOULDERS: Final = [skeleton.INDEX["l_shoulder"], skeleton.INDEX["r_shoulder"]]
ELBOWS: Final = [skeleton.INDEX["l_elbow"], skeleton.INDEX["r_elbow"]]
WRISTS: Final = [skeleton.INDEX["l_wrist"], skeleton.INDEX["r_wrist"]]
UPPER_ARM_M: Final = float(skeleton.REST_OFFSETS_M[ELBOWS[0], 0])
FOREARM_M: Final = float(skeleton.REST_OFFSETS_M[WRISTS[0], 0])
REACH_M: Final = 0.98 * (UPPER_ARM_M + FOREARM_M)
"""An arm is never stretched further: a straight elbow flickers."""
NEAREST_M: Final = 0.12
CHEST_SHARE: Final = 0.4
"""How much of the other dance's chest and neck goes with its arms."""
FITTING: Final[dict[str, tuple[str, ...]]] = {
    "club": ("club", "groove", "hype", "jazz"),
    "groove": ("club", "hype", "jazz"),
    "hype": ("club", "groove", "hype"),
    "indian": ("club", "hype", "indian"),
    "jazz": ("hype", "modern"),
    "modern": ("modern", "jazz"),
    "salsa": ("club", "hype", "jazz"),
    "break": (),
}
"""Style of the legs -> styles whose arms suit them: measured, the stops of the whole stay on the beat (R falls by 0.15
or less; jazz legs lose more with any) and trunks lean alike. Break dance leans by 30 degrees: its arms would reach into
the thighs of an upright body in a quarter of the frames."""
_ALONG: Final = np.array([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]])
"""(2, 3) where the bones of the left and the right arm point at rest."""
_BEHIND: Final = np.array([0.0, 0.0, -1.0])
"""Where an elbow stands out, in the frame of its upper arm."""
_TRUST_M: Final = 0.03
"""An elbow that stands out less than this is helped by the frame of its upper arm."""


@dataclass(frozen=True, slots=True, eq=False)
class Arms:
    """World positions and rotations of both arms, (n, 2, ...), left then right."""

    trunk: Array
    """(n, 4) of the neck joint, which carries the shoulders."""
    shoulder_m: Array
    elbow_m: Array
    wrist_m: Array
    upper: Array
    forearm: Array
    hand: Array


def arms_of(motion: Motion) -> Arms:
    """Return both arms by forward kinematics of trunk and arms alone."""
    turned = motion.joint_rotations_wxyz
    chest = rotations.multiply(turned[:, 0], turned[:, CHEST])
    trunk = rotations.multiply(chest, turned[:, NECK])
    neck = motion.root_position_m + _offset(turned[:, 0], CHEST) + _offset(chest, NECK)
    upper = rotations.multiply(trunk[:, None], turned[:, SHOULDERS])
    forearm = rotations.multiply(upper, turned[:, ELBOWS])
    shoulder = neck[:, None] + rotations.rotate(trunk[:, None], skeleton.REST_OFFSETS_M[SHOULDERS][None])
    elbow = shoulder + UPPER_ARM_M * along(upper)
    return Arms(
        trunk=trunk,
        shoulder_m=shoulder,
        elbow_m=elbow,
        wrist_m=elbow + FOREARM_M * along(forearm),
        upper=upper,
        forearm=forearm,
        hand=rotations.multiply(forearm, turned[:, WRISTS]),
    )


def along(rotation: Array) -> Array:
    """Return where the bones of both arms point under world rotations (n, 2, 4)."""
    return rotations.rotate(rotation, np.broadcast_to(_ALONG, (*rotation.shape[:-1], 3)))


def place_wrists(motion: Motion, arms: Arms, wrist_m: Array) -> Motion:
    """Return `motion`, whose arms are `arms`, with the wrists at `wrist_m` (n, 2, 3); the hands keep their direction.

    Each arm is first swung as a whole, then bent in its own plane, so the elbow stays on its side. A wrist out of reach
    is pulled in along the arm's line.
    """
    reach = wrist_m - arms.shoulder_m
    distance = np.linalg.norm(reach, axis=-1, keepdims=True)
    line = reach / np.maximum(distance, 1e-6)
    arm = arms.wrist_m - arms.shoulder_m
    length = np.linalg.norm(arm, axis=-1, keepdims=True)  # an arm that is stretched or folded may stay so
    distance = np.clip(distance, np.minimum(length, NEAREST_M), np.maximum(length, REACH_M))
    swing = rotations.between(arm, line)
    ahead = (UPPER_ARM_M**2 + distance**2 - FOREARM_M**2) / (2.0 * distance)
    aside = np.sqrt(np.maximum(UPPER_ARM_M**2 - ahead**2, 0.0))
    elbow = ahead * line + aside * _pole(arms, swing, line)
    swung = rotations.multiply(swing, arms.upper)
    upper = rotations.multiply(rotations.between(along(swung), elbow), swung)
    bent = rotations.multiply(upper, motion.joint_rotations_wxyz[:, ELBOWS])
    forearm = rotations.multiply(rotations.between(along(bent), distance * line - elbow), bent)
    turned = motion.joint_rotations_wxyz.copy()
    turned[:, SHOULDERS] = rotations.multiply(rotations.conjugate(arms.trunk)[:, None], upper)
    turned[:, ELBOWS] = rotations.multiply(rotations.conjugate(upper), forearm)
    turned[:, WRISTS] = rotations.multiply(rotations.conjugate(forearm), arms.hand)
    return _with(motion, turned)


def graft(legs: Motion, arms: Motion, weight: Array, chest_share: float = CHEST_SHARE) -> Motion:
    """Return `legs` with the arms of `arms` by `weight` (n,) in [0, 1]; both (n, ...), about the same beats.

    Arms keep the height they had and their direction against where the chest faces, whatever the trunk under them
    leans; `chest_share` of the other dance's chest and neck comes along, or the arms would hang on a foreign back.
    """
    turned = legs.joint_rotations_wxyz.copy()
    donor = arms.joint_rotations_wxyz
    share = chest_share * weight
    for joint in (CHEST, NECK):
        turned[:, joint] = rotations.slerp(turned[:, joint], donor[:, joint], share)
    trunk = _trunk(turned)
    turn = rotations.about_y(rotations.heading(trunk) - rotations.heading(_trunk(donor)))
    upper = rotations.multiply(turn[:, None], rotations.multiply(_trunk(donor)[:, None], donor[:, SHOULDERS]))
    shoulder = rotations.multiply(rotations.conjugate(trunk)[:, None], upper)
    turned[:, SHOULDERS] = rotations.slerp(turned[:, SHOULDERS], shoulder, weight[:, None])
    below = ELBOWS + WRISTS
    turned[:, below] = rotations.slerp(turned[:, below], donor[:, below], weight[:, None])
    return _with(legs, turned)


def counter_swing(legs: Motion, arms: Motion) -> float:
    """Return how much `arms` swing against `legs`, [-1, 1]: 1 as in walking, -1 when same arm and leg go together.

    Below -0.3 the other side of the arms' dance should be taken (`mirrored`).
    """
    feet = skeleton.forward_kinematics(legs.root_position_m, legs.joint_rotations_wxyz)
    ahead_feet = _ahead(feet, skeleton.INDEX["l_ankle"], skeleton.INDEX["r_ankle"])
    hands = skeleton.forward_kinematics(arms.root_position_m, arms.joint_rotations_wxyz)
    ahead_hands = _ahead(hands, WRISTS[0], WRISTS[1])
    size = float(np.linalg.norm(ahead_feet) * np.linalg.norm(ahead_hands))
    return float(-np.dot(ahead_feet, ahead_hands) / size) if size > 1e-9 else 0.0


def _ahead(joints: Array, left: int, right: int) -> Array:
    """Return how far (n,) the left joint is ahead of the right one, in the facing of the hips, about its mean."""
    across = joints[:, skeleton.INDEX["l_hip"]] - joints[:, skeleton.INDEX["r_hip"]]
    front = np.stack([-across[:, 2], across[:, 0]], axis=-1)
    apart = (joints[:, left] - joints[:, right])[:, [0, 2]]
    ahead: Array = (apart * front).sum(axis=-1)
    centred: Array = ahead - ahead.mean()
    return centred


def _trunk(turned: Array) -> Array:
    return rotations.multiply(rotations.multiply(turned[:, 0], turned[:, CHEST]), turned[:, NECK])


def _offset(rotation: Array, joint: int) -> Array:
    return rotations.rotate(rotation, np.broadcast_to(skeleton.REST_OFFSETS_M[joint], (len(rotation), 3)))


def _with(motion: Motion, turned: Array) -> Motion:
    moved = [CHEST, NECK, *SHOULDERS, *ELBOWS, *WRISTS]
    turned[:, moved] = rotations.normalise(turned[:, moved])
    return Motion(root_position_m=motion.root_position_m, joint_rotations_wxyz=turned, foot_contact=motion.foot_contact)


def _pole(arms: Arms, swing: Array, line: Array) -> Array:
    """Return the unit direction (n, 2, 3), square to `line`, to which each elbow stands out; see `ik` for legs."""
    back = rotations.rotate(arms.upper, np.broadcast_to(_BEHIND, arms.elbow_m.shape))
    out = rotations.rotate(swing, arms.elbow_m - arms.shoulder_m + _TRUST_M * back)
    out = out - np.sum(out * line, axis=-1, keepdims=True) * line
    result: Array = out / np.maximum(np.linalg.norm(out, axis=-1, keepdims=True), 1e-6)
    return result
