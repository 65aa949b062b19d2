"""Which style, tags and partner a clip of the raw data has; the only place that knows the data's names."""

from __future__ import annotations

import re
from typing import Final

STYLES: Final[dict[str, tuple[str, ...]]] = {
    "club": ("StepTouch", "Party", "Disco", "Nineties", "LushLife", "MidnightSun", "m2m_reach-hip"),
    "groove": ("LongDance", "DadDance", "WiggleDance", "WestCoast", "m2m_body-roll"),
    "hype": ("Hype", "Shuffle", "Gnarly", "LetsGO", "DWG", "Woah", "TikTok", "Blunt"),
    "jazz": ("Broadway", "JazzWalk", "Sassy", "SingleLadies", "Thrilling", "m2m_charleston", "cmu_131_"),
    "modern": ("Dance1_Modern", "SpiralDance", "StretchDance", "cmu_05_", "cmu_55_"),
    "salsa": ("g1_J_Dance2_Salsa", "cmu_60_", "cmu_61_"),
    "break": ("cmu_85_",),
    "indian": ("cmu_indian_",),
}
"""Family name that a user sees -> what the ids of its clips contain."""

HELD_OUT: Final[tuple[str, ...]] = (
    "g1_J_Dance7_Party", "cmu_85_12_break", "cmu_60_03_salsa", "cmu_61_03_salsa", "cmu_indian_06",
)  # fmt: skip
"""Takes that no network trains on; all have a constant beat grid. The motion graph uses them too."""


HEADS_TOO_HIGH_DEG: Final[dict[str, float]] = {"cmu_61": 15.0, "cmu_indian": 16.0}
"""Subject -> how much higher its head points in the median than those of all others, who agree within 5 degrees."""


def style_of(clip_id: str) -> str:
    """Return the style of a clip; raises `ValueError` for an id of no known family."""
    for style, marks in STYLES.items():
        if any(mark in clip_id for mark in marks):
            return style
    raise ValueError(f"'{clip_id}' belongs to no style: add it to livedance.training.styles.STYLES")


def partner_of(clip_id: str) -> str | None:
    """Return the id of the partner in the same take: the salsa couple's leader is subject 60, its follower 61."""
    match = re.fullmatch(r"cmu_6([01])_(\d+)_salsa", clip_id)
    return f"cmu_6{1 - int(match[1])}_{match[2]}_salsa" if match else None


def leads(clip_id: str) -> bool:
    """Return whether this dancer leads a couple."""
    return partner_of(clip_id) is not None and clip_id.startswith("cmu_60_")


def subject_of(clip_id: str) -> str:
    """Return who dances: splits keep takes together and can hold out subjects."""
    match = re.match(r"g1_[A-Z]|cmu_\d+|cmu_indian|m2m", clip_id)
    return match[0] if match else clip_id


def take_of(clip_id: str) -> str:
    """Return the take: both partners of a couple share one."""
    return re.sub(r"cmu_6[01]_(\d+)_salsa", r"cmu_60+61_\1", clip_id)
