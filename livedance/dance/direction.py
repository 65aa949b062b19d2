"""What the choreographer asks of a dancer for one slot of the form: the same words for every generator."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Role(IntEnum):
    """What a slot is for."""

    THEME = 0
    """A phrase of the form: A, A', B, A."""
    FILL = 1
    """The turn-round in bars 4 and 8."""
    RISE = 2
    """A build: steps shorten and rise, arms go up."""
    DROP = 3
    """From the drop's downbeat: a hit pose, then the widest phrase."""
    LOW = 4
    """A break: low, slow, weight shifts."""
    FLOAT = 5
    """Nobody knows the beat: easy, driven by energy alone."""
    REST = 6
    """Groove low while another dancer has the floor."""
    BRIDGE = 7
    """Step touch, walk or turn between two phrases that do not meet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """One slot of the form; beats are dance beats."""

    slot: int
    """Counts the slots since the start: the key of whatever is drawn for this one."""
    start: float
    """Half-way between two beats."""
    beats: int
    role: Role = Role.THEME
    theme: int = -1
    """Slots of one theme show the same phrase; -1 is danced once."""
    mirrored: bool = False
    """Against the theme's first showing."""
    style: str = "auto"
    """What this slot is danced in; never "auto" once a choreographer has decided."""
    amplitude: float = 1.0
    """Factor on the body's deviation from its running mean pose."""
    travel: float = 1.0
    """Factor on how far steps carry the dancer, [0, 1.2]."""
    lift: float = 0.0
    """How far arms and chest are carried up over what the phrase has, [0, 1]: a build."""
    sink: float = 0.0
    """How much lower the hips are carried, [0, 1]: a break."""
    rate: float = 1.0
    """Clip beats per dance beat: 1/2, 1 or 2."""
    hold_from: float | None = None
    """Dance beat from which the pose is held on purpose, until the slot ends: no freeze."""
    pauses: tuple[float, ...] = ()
    """Dance beats on which the motion stops and stays for the beat: what follows is danced one beat later."""
    hit_beat: float | None = None
    """Dance beat of a hit pose, settling over 80 to 150 ms."""

    @property
    def end(self) -> float:
        """First dance beat after the slot."""
        return self.start + self.beats


GROOVE: Final = Direction(slot=0, start=-0.5, beats=1_000_000)
"""Nothing in particular: what a generator is asked where there is no choreographer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseNote:
    """What a dancer began to dance: for reports and the log, never for the score."""

    beat: float
    """Dance beat of the phrase's start."""
    beats: int
    dancer: int
    role: Role
    theme: int
    style: str
    clip: str
    clip_beat: float
    mirrored: bool
    energy: float
    seam_cost: float = 0.0
    """Cost of the transition into it, in the units of the entry table."""
    hold_from: float | None = None
    """Dance beat from which its pose is held on purpose."""
    rate: float = 1.0
    """Clip beats per dance beat in the mean, pauses counted in."""
    arms: str = ""
    """Clip whose arms are danced over its legs; "" for its own."""
