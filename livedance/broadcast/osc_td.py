"""OSC profile `td`: one float per address, the form that TouchDesigner's OSC In CHOP turns into channels.

The channel name is the address without its first slash (`livedance/dancer/1/left_wrist/x`), so nothing depends on how
surplus arguments are numbered. Joints are named as MediaPipe's, which TouchDesigner patches know.
"""

from __future__ import annotations

from typing import Final

from livedance.broadcast.osc_profile import PREFIX, PackedProfile, check, hit_field, show_fields
from livedance.broadcast.osc_template import OscField
from livedance.broadcast.osc_values import CONF_SLOT, JOINT_VALUES, ROOT_VALUES, dancer_slot
from livedance.skeleton import JOINT_NAMES

_SIDES: Final = {"l": "left", "r": "right"}
_ROOT_LEAVES: Final = ("x", "y", "z", "qx", "qy", "qz", "qw")


class TouchDesignerProfile(PackedProfile):
    """Everything is a float; a dancer fills three datagrams. Has no 2-D joints: `picture` changes nothing."""

    def __init__(
        self, *, n_dancers: int = 1, prefix: str = PREFIX, lead_ms: float = 0.0, picture: bool = False
    ) -> None:
        prefix = check(n_dancers, prefix)
        super().__init__(
            show=show_fields(prefix, types="f"),
            dancers=[_dancer_fields(prefix, n) for n in range(n_dancers)],
            hit=hit_field(prefix, "f"),
            lead_ms=lead_ms,
        )


def joint_name(name: str) -> str:
    """Return our joint name as MediaPipe writes it: `l_wrist` -> `left_wrist`, `r_toe` -> `right_foot_index`."""
    side, _, part = name.partition("_")
    if side not in _SIDES or not part:
        return name
    return f"{_SIDES[side]}_{'foot_index' if part == 'toe' else part}"


def _dancer_fields(prefix: str, dancer: int) -> list[OscField]:
    base, pattern, slot = f"{prefix}/dancer/{dancer + 1}", f"{prefix}/dancer/N", dancer_slot(dancer)
    root, root_slot = f"{base}/root", slot + JOINT_VALUES
    leaves = f"{pattern}/root{{{','.join('/' + leaf for leaf in _ROOT_LEAVES[:ROOT_VALUES])}}}"
    fields = [_leaf(f"{base}/conf", f"{pattern}/conf", slot + CONF_SLOT, "0 or 1", "1 while this dancer is on stage")]
    for place, leaf in enumerate(_ROOT_LEAVES[:ROOT_VALUES]):
        meaning = "hips: position, rotation as a quaternion"
        fields.append(_leaf(f"{root}/{leaf}", leaves, root_slot + place, "m; unit", meaning))
    for joint, name in enumerate(JOINT_NAMES):
        for axis, leaf in enumerate("xyz"):
            meaning = "one coordinate of a joint: right-handed, y up, +z towards the audience, origin on the floor"
            address = f"{base}/{joint_name(name)}/{leaf}"
            fields.append(_leaf(address, f"{pattern}/<joint>/{{x,y,z}}", slot + 3 * joint + axis, "m", meaning))
    return fields


def _leaf(address: str, pattern: str, slot: int, span: str, meaning: str) -> OscField:
    return OscField(address=address, types="f", slots=(slot,), pattern=pattern, span=span, meaning=meaning)
