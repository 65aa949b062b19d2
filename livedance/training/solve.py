"""Solves the rig's rotations from joint positions, with the twist of the limbs from the source rig.

Positions leave a bone's twist open. First guess: the trunk by least squares on the joints that hang rigidly on it; each
limb bone takes the source bone's rotation, brought from the source's rest frame to ours by one constant rotation per
clip (the mean over frames in which the bend of the elbow or knee shows the twist), and is then turned the shortest way
onto the measured direction. Second: a few damped Newton steps on all rotations and the root together, because our
shoulders hang rigidly on the neck joint and the captured ones do not (they sit up to 7 cm higher in one source than in
another). The steps make the sum over joints of `weight · (e²/2 + far² · (e / far)⁸ / 8)` small, e being the distance to
the source: squares while a joint is near, a wall where it is `FAR_M` off, so that no joint pays for all others.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.skeleton import INDEX, PARENTS, REST_OFFSETS_M
from livedance.training import twist
from livedance.training.source_clip import SourceClip

Array = NDArray[np.floating]

REFINE_STEPS: Final = 6
CHUNK_FRAMES: Final = 512
FAR_M: Final = 0.027
"""A joint this far off pulls twice as hard as by its square alone."""
FAR_POWER: Final = 6
"""How fast the pull grows beyond: a joint `x * FAR_M` off pulls `1 + x ** FAR_POWER` times as hard."""
STIFFNESS_M: Final = 0.01
"""Metres of position error that weigh as much as one radian away from the first guess."""
WRIST_LIMIT_RAD: Final = 1.1
POLE_FLOOR: Final = 0.04
"""Squared sine of a bend below which it says nothing about twist."""

_WEIGHTS: Final = np.array(
    [{"toe": 2.0, "ankle": 2.0, "knee": 1.2, "wrist": 1.5, "elbow": 1.0}.get(n.split("_")[-1], 0.8) for n in
     skeleton.JOINT_NAMES[:18]] + [0.8] * 5
)  # fmt: skip
_TURNING: Final = tuple(j for j in range(skeleton.N_JOINTS) if j not in skeleton.LEAVES)


def solve(clip: SourceClip) -> tuple[Array, Array]:
    """Return root (T, 3) and rotations (T, 23, 4), unit, without sign flips in time."""
    root, world = clip.positions_m[:, 0].copy(), first_guess(clip)
    local = to_local(world)
    for start in range(0, len(root), CHUNK_FRAMES):
        part = slice(start, start + CHUNK_FRAMES)
        root[part], local[part] = refine(clip.positions_m[part], root[part], local[part])
    _set_hands(clip, local)
    return root, twist.calm(rotations.normalise(local), clip.fps)


def to_local(world: Array) -> Array:
    """Return parent-local rotations (T, 23, 4) from world ones."""
    local = world.copy()
    for joint, parent in enumerate(PARENTS):
        if parent >= 0:
            local[:, joint] = rotations.multiply(rotations.conjugate(world[:, parent]), world[:, joint])
    return local


def first_guess(clip: SourceClip) -> Array:
    """Return world rotations (T, 23, 4) from directions of bones and the source's twist."""
    p = clip.positions_m
    world = np.zeros((len(p), skeleton.N_JOINTS, 4))
    world[:, 0] = _rigid(p, "hips", {"l_hip": 3.0, "r_hip": 3.0, "chest": 1.0})
    world[:, 2] = _rigid(p, "neck", {"l_shoulder": 1.0, "r_shoulder": 1.0, "head": 1.0})
    middle = rotations.slerp(world[:, 0], world[:, 2], 0.5)
    world[:, 1] = _aim(middle, REST_OFFSETS_M[2], p[:, 2] - p[:, 1])
    world[:, 3] = rigid_head(p)
    for side in "lr":
        _guess_limb(clip, world, [f"{side}_{n}" for n in ("shoulder", "elbow", "wrist")], trunk=2)
        _guess_limb(clip, world, [f"{side}_{n}" for n in ("hip", "knee", "ankle")], trunk=0)
        _guess_foot(clip, world, side)
    for leaf in skeleton.LEAVES:
        world[:, leaf] = world[:, PARENTS[leaf]]
    return world


def refine(positions_m: Array, root: Array, local: Array) -> tuple[Array, Array]:
    """Return root and local rotations nearer to the positions: damped Newton steps from the given ones."""
    guess, root, local = local, root.copy(), local.copy()
    stiffness = np.full(3 + 3 * len(_TURNING), STIFFNESS_M**2)
    stiffness[:3] = 1e-6
    for attempt in range(REFINE_STEPS):
        world = skeleton.world_rotations(local)
        reached = skeleton.forward_kinematics(root, local)
        jacobian = _jacobian(reached)
        # The first step takes plain squares: a guess may be so far off that the wall would be all it saw.
        pull_m, curvature = _pull(positions_m - reached, far_power=FAR_POWER if attempt else 0)
        drift = rotations.to_rotvec(rotations.multiply(local, rotations.conjugate(guess)))[:, _TURNING]
        parent_world = np.stack([world[:, PARENTS[j]] if j else np.broadcast_to(rotations.IDENTITY, world[:, 0].shape)
                                 for j in _TURNING], axis=1)  # fmt: skip
        drift = rotations.rotate(parent_world, drift)
        back = np.concatenate([np.zeros((len(root), 3)), drift.reshape(len(root), -1)], axis=1) * stiffness
        gradient = np.einsum("tjac,tja->tc", jacobian, pull_m) - back
        bent = (curvature @ jacobian).reshape(len(root), -1, jacobian.shape[-1])
        normal = np.swapaxes(jacobian.reshape(bent.shape), 1, 2) @ bent + np.diag(stiffness)
        step = np.linalg.solve(normal, gradient[..., None])[..., 0]
        root += step[:, :3]
        turn = rotations.from_rotvec(step[:, 3:].reshape(len(root), -1, 3))
        turn = rotations.multiply(rotations.multiply(rotations.conjugate(parent_world), turn), parent_world)
        local[:, _TURNING] = rotations.normalise(rotations.multiply(turn, local[:, _TURNING]))
    return root, local


def _pull(residual_m: Array, far_power: int) -> tuple[Array, Array]:
    """Return what the residuals (T, 23, 3) ask for: gradient (T, 23, 3) and curvature (T, 23, 3, 3) of their cost.

    Cost of a joint at distance e: `weight * (e**2 / 2 + FAR_M**2 * x**(p + 2) / (p + 2))`, x = e / FAR_M, p the power;
    without one (0) it is the plain square. It bends more along the residual than across: steps that left this out would
    swing to and fro between two sets of weights.
    """
    distance = np.linalg.norm(residual_m, axis=-1, keepdims=True)
    far = (distance / FAR_M) ** far_power if far_power else np.zeros_like(distance)
    weights = _WEIGHTS[:, None]
    direction = residual_m / np.maximum(distance, 1e-9)
    along = far_power * far[..., None] * direction[..., :, None] * direction[..., None, :]
    curvature = weights[..., None] * ((1.0 + far)[..., None] * np.eye(3) + along)
    return weights * (1.0 + far) * residual_m, curvature


def _jacobian(reached: Array) -> Array:
    """Return (T, 23, 3, 3 + 3 * turning): position change by the root's move and by a world turn at each joint."""
    n = len(reached)
    out = np.zeros((n, skeleton.N_JOINTS, 3, 1 + len(_TURNING), 3))
    out[:, :, range(3), 0, range(3)] = 1.0
    for column, joint in enumerate(_TURNING, start=1):
        below = _BELOW[joint]
        arm = reached[:, below] - reached[:, joint : joint + 1]
        # d(position) = omega x arm, so the row of axis a holds the cross product's coefficients.
        for a, b, c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
            out[:, below, a, column, b] = arm[..., c]
            out[:, below, a, column, c] = -arm[..., b]
    return out.reshape(n, skeleton.N_JOINTS, 3, -1)


def _descendants(joint: int) -> list[int]:
    below = [joint]
    for j, parent in enumerate(PARENTS):
        if parent in below:
            below.append(j)
    return below[1:]


_BELOW: Final = {j: _descendants(j) for j in _TURNING}


def rigid_head(p: Array) -> Array:
    """Return the world rotation (T, 4) of the head from the face points of positions (T, 23, 3)."""
    return _rigid(p, "head", {n: 1.0 for n in ("nose", "l_eye", "r_eye", "l_ear", "r_ear")})


def _rigid(p: Array, joint: str, weights: dict[str, float]) -> Array:
    """Least-squares rotation (Kabsch) of the rest offsets onto the measured ones."""
    children = [INDEX[n] for n in weights]
    w = np.array(list(weights.values()))
    measured = p[:, children] - p[:, INDEX[joint]][:, None]
    u, _, vt = np.linalg.svd(np.einsum("tka,kb,k->tab", measured, REST_OFFSETS_M[children], w))
    sign = np.linalg.det(u @ vt)
    u[:, :, 2] *= sign[:, None]
    return rotations.from_matrix(u @ vt)


def _aim(guess: Array, rest: Array, direction: Array) -> Array:
    """Turn `guess` the shortest way so that the rest direction points along `direction`."""
    now = rotations.rotate(guess, np.broadcast_to(rest, direction.shape))
    return rotations.multiply(rotations.between(now, direction), guess)


def _guess_limb(clip: SourceClip, world: Array, names: list[str], trunk: int) -> None:
    upper, lower, end = (INDEX[n] for n in names)
    p = clip.positions_m
    first, second = p[:, lower] - p[:, upper], p[:, end] - p[:, lower]
    bend_axis, bend = _bend_axis(first, second, is_arm=names[0].endswith("shoulder"))
    hinge_rest = np.array([0.0, 1.0, 0.0]) if trunk else np.array([1.0, 0.0, 0.0])
    for joint, direction, child in ((upper, first, lower), (lower, second, end)):
        parent = world[:, trunk] if joint == upper else world[:, upper]
        shown = _frame(REST_OFFSETS_M[child], hinge_rest, direction, bend_axis)
        guess = parent
        if joint in clip.source_world_wxyz:
            source = clip.source_world_wxyz[joint]
            constant = _mean(rotations.multiply(rotations.conjugate(source), shown), bend)
            guess = rotations.multiply(source, np.broadcast_to(constant, source.shape))
        world[:, joint] = _aim(guess, REST_OFFSETS_M[child], direction)


def _bend_axis(first: Array, second: Array, *, is_arm: bool) -> tuple[Array, Array]:
    """Return the hinge axis (T, 3) and how surely the bend shows it (T,)."""
    a = first / np.linalg.norm(first, axis=-1, keepdims=True)
    b = second / np.linalg.norm(second, axis=-1, keepdims=True)
    # Left arm along +x bends towards +z, right arm along -x too, so the hinge +y is forearm x upper arm on the left and
    # its opposite on the right; the sign is mended by the caller's side through `_frame`. A knee bends back: +x.
    axis = np.cross(b, a) if is_arm else np.cross(a, b)
    size = np.linalg.norm(axis, axis=-1)
    return axis, np.maximum(size**2 - POLE_FLOOR, 1e-6)


def _frame(rest: Array, hinge_rest: Array, direction: Array, hinge: Array) -> Array:
    """Rotation that takes the rest direction to `direction` and the rest hinge as near as it can to `hinge`."""
    if rest[0] < 0:  # the right arm: its hinge is the mirror of the left one's
        hinge = -hinge
    return rotations.from_matrix(_basis(direction, hinge) @ _basis(rest[None], hinge_rest[None]).transpose(0, 2, 1))


def _basis(main: Array, side: Array) -> Array:
    x = main / np.linalg.norm(main, axis=-1, keepdims=True)
    z = np.cross(x, side)
    z = z / np.maximum(np.linalg.norm(z, axis=-1, keepdims=True), 1e-9)
    return np.stack([x, np.cross(z, x), z], axis=-1)


def _mean(q: Array, weights: Array) -> Array:
    """Return the weighted mean rotation (4,), robust to signs: leading eigenvector of the outer products."""
    _, vectors = np.linalg.eigh(np.einsum("t,ta,tb->ab", weights, q, q))
    return vectors[:, -1]


def _guess_foot(clip: SourceClip, world: Array, side: str) -> None:
    knee, ankle, toe = (INDEX[f"{side}_{n}"] for n in ("knee", "ankle", "toe"))
    direction = clip.positions_m[:, toe] - clip.positions_m[:, ankle]
    across = rotations.rotate(world[:, knee], np.broadcast_to([1.0, 0.0, 0.0], direction.shape))
    shown = _frame(REST_OFFSETS_M[toe], np.array([1.0, 0.0, 0.0]), direction, across)
    guess = shown
    if ankle in clip.source_world_wxyz:
        source = clip.source_world_wxyz[ankle]
        constant = _mean(rotations.multiply(rotations.conjugate(source), shown), np.ones(len(shown)))
        guess = rotations.multiply(source, np.broadcast_to(constant, source.shape))
    world[:, ankle] = _aim(guess, REST_OFFSETS_M[toe], direction)


def _set_hands(clip: SourceClip, local: Array) -> None:
    """Wrists carry the hand: the source's hand against its forearm, its mean taken as straight, its bend bounded."""
    for side in "lr":
        elbow, wrist = INDEX[f"{side}_elbow"], INDEX[f"{side}_wrist"]
        local[:, wrist] = rotations.IDENTITY
        if not {elbow, wrist} <= clip.source_world_wxyz.keys():
            continue
        forearm, hand = clip.source_world_wxyz[elbow], clip.source_world_wxyz[wrist]
        relative = rotations.multiply(rotations.conjugate(forearm), hand)
        mean = np.broadcast_to(_mean(relative, np.ones(len(relative))), relative.shape)
        turned = rotations.multiply(relative, rotations.conjugate(mean))
        # The turn is told in the source forearm's axes; ours differ by a constant.
        ours = skeleton.world_rotations(local)[:, elbow]
        constant = _mean(rotations.multiply(rotations.conjugate(ours), forearm), np.ones(len(ours)))
        axes = np.broadcast_to(constant, ours.shape)
        turned = rotations.multiply(rotations.multiply(axes, turned), rotations.conjugate(axes))
        local[:, wrist] = _bounded_hand(turned, REST_OFFSETS_M[wrist])


def _bounded_hand(q: Array, along: Array) -> Array:
    """Keep the bend (swing) of a hand, softly bounded; its twist belongs to the forearm and is dropped."""
    axis = along / np.linalg.norm(along)
    rest = np.broadcast_to(axis, q[:, 1:].shape)
    vector = rotations.to_rotvec(rotations.between(rest, rotations.rotate(q, rest)))
    angle = np.linalg.norm(vector, axis=-1, keepdims=True)
    return rotations.from_rotvec(vector * WRIST_LIMIT_RAD * np.tanh(angle / WRIST_LIMIT_RAD) / np.maximum(angle, 1e-9))
