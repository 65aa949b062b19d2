"""OSC profile `default`: one message per joint in metres and, where wanted, one per joint in the picture."""

from __future__ import annotations

from livedance.broadcast.osc_profile import PREFIX, PackedProfile, check, hit_field, show_fields
from livedance.broadcast.osc_template import OscField
from livedance.broadcast.osc_values import CONF_SLOT, JOINT_VALUES, PICTURE_SLOT, ROOT_VALUES, dancer_slot
from livedance.skeleton import JOINT_NAMES


class DefaultProfile(PackedProfile):
    """Metres, right-handed, y up, +z towards the audience, origin on the floor; types f and i only."""

    def __init__(
        self, *, n_dancers: int = 1, prefix: str = PREFIX, lead_ms: float = 0.0, picture: bool = False
    ) -> None:
        prefix = check(n_dancers, prefix)
        super().__init__(
            show=show_fields(prefix),
            dancers=[
                [*_dancer_fields(prefix, n), *(_picture_fields(prefix, n) if picture else ())] for n in range(n_dancers)
            ],
            hit=hit_field(prefix, "i"),
            lead_ms=lead_ms,
        )


def _dancer_fields(prefix: str, dancer: int) -> list[OscField]:
    base, slot = f"{prefix}/dancer/{dancer + 1}", dancer_slot(dancer)
    pattern = f"{prefix}/dancer/N"
    root = slot + JOINT_VALUES
    fields = [
        OscField(
            address=f"{base}/root",
            types="f" * ROOT_VALUES,
            slots=tuple(range(root, root + ROOT_VALUES)),
            pattern=f"{pattern}/root",
            span="m; unit",
            meaning="hips: position x y z, then rotation quaternion x y z w",
        ),
        OscField(
            address=f"{base}/conf",
            types="f",
            slots=(slot + CONF_SLOT,),
            pattern=f"{pattern}/conf",
            span="0 or 1",
            meaning="1 while this dancer is on stage",
        ),
    ]
    for joint, name in enumerate(JOINT_NAMES):
        first = slot + 3 * joint
        fields.append(
            OscField(
                address=f"{base}/{name}",
                types="fff",
                slots=(first, first + 1, first + 2),
                pattern=f"{pattern}/<joint>",
                span="m",
                meaning="x y z of a joint: right-handed, y up, +z towards the audience, origin on the floor",
            )
        )
    return fields


def _picture_fields(prefix: str, dancer: int) -> list[OscField]:
    first = dancer_slot(dancer) + PICTURE_SLOT
    return [
        OscField(
            address=f"{prefix}/dancer/{dancer + 1}/2d/{name}",
            types="fff",
            slots=tuple(range(first + 3 * joint, first + 3 * joint + 3)),
            pattern=f"{prefix}/dancer/N/2d/<joint>",
            span="0–1",
            meaning="x y in the 16:9 picture (from the top left, y down), then 1 where seen; with `picture = true`",
        )
        for joint, name in enumerate(JOINT_NAMES)
    ]
