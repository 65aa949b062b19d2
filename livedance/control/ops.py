"""Everything a person can do to the running show: one table.

It feeds the validation of commands from the keyboard, OSC and the page, the OSC-in addresses, and the help texts.
An operation either sets a field of `Controls` (kinds switch, number, choice) or is an act: for the brain, for the
window (`WINDOW_ACTS`) or for the presets (`PRESET_ACTS`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Final

from livedance import style_mix
from livedance.control import scenes
from livedance.errors import ConfigError, near
from livedance.messages import Controls


class Kind(Enum):
    """What an operation takes."""

    TRIGGER = "trigger"
    SWITCH = "0 or 1"
    FLOAT = "number"
    INT = "integer"
    CHOICE = "name or index"
    PRESET = "name, or number from 1"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """One operation: its name is a field of `Controls`, or the `op` of the `Command` it makes."""

    name: str
    kind: Kind
    meaning: str
    low: float = 0.0
    high: float = 1.0
    nullable: bool = False
    """True where None means "follow the music"."""
    names: tuple[str, ...] = ()
    """Names that stand for its integers, from `low` on."""
    mixes: bool = False
    """True where several names with weights are a choice, too (`style_mix`)."""

    @property
    def is_field(self) -> bool:
        """Whether it is state that stays (a field of `Controls`) rather than an act."""
        return self.name in CONTROL_FIELDS

    @property
    def span(self) -> str:
        """Its range, for people."""
        if self.kind in (Kind.FLOAT, Kind.INT):
            return f"{self.low:g} … {self.high:g}" + (" or name" if self.names else "")
        return str(self.kind.value)


CONTROL_FIELDS: Final = frozenset(f.name for f in fields(Controls)) - {"version"}

OPS: Final[tuple[Op, ...]] = (
    Op(name="tap", kind=Kind.TRIGGER, meaning="tap the tempo: each tap is a beat"),
    Op(name="nudge_ms", kind=Kind.FLOAT, low=-500, high=500, meaning="shift the beat; negative is earlier"),
    Op(name="half", kind=Kind.TRIGGER, meaning="shift by half a beat: off-beat becomes beat"),
    Op(name="resync", kind=Kind.TRIGGER, meaning='this beat is "one"'),
    Op(name="double", kind=Kind.TRIGGER, meaning="dance twice as fast, from the next bar"),
    Op(name="halve", kind=Kind.TRIGGER, meaning="dance at half speed, from the next bar"),
    Op(name="tempo", kind=Kind.FLOAT, low=30, high=300, meaning="set the tempo by hand, in BPM"),
    Op(name="external", kind=Kind.FLOAT, low=0, high=1e9, meaning="beats counted by another machine"),
    Op(name="hit", kind=Kind.TRIGGER, meaning="an accent now"),
    Op(name="phrase_new", kind=Kind.TRIGGER, meaning="begin another phrase"),
    Op(name="drop", kind=Kind.TRIGGER, meaning="this is the drop: the widest dance from here"),
    Op(name="reset", kind=Kind.TRIGGER, meaning="take back taps, nudges, half and double"),
    Op(name="demo", kind=Kind.TRIGGER, meaning="play the demo music instead of listening"),
    Op(name="fullscreen", kind=Kind.TRIGGER, meaning="the window over its whole display, and back"),
    Op(name="hold", kind=Kind.SWITCH, meaning="stay on this phrase"),
    Op(name="tempo_lock", kind=Kind.SWITCH, meaning="keep the tempo, whatever is heard"),
    Op(name="tempo_source", kind=Kind.CHOICE, meaning="where the beat comes from: 0 audio, 3 osc"),
    Op(
        name="style",
        kind=Kind.CHOICE,
        mixes=True,
        meaning="style of the dance, or a mix such as club:2+jazz:1; auto follows the music",
    ),
    Op(name="auto_style", kind=Kind.CHOICE, meaning="what auto dances now; the music decides again within 16 bars"),
    Op(
        name="director",
        kind=Kind.SWITCH,
        meaning="company, formation, scene, palette and camera by the music; a change by hand holds it for 16 bars",
    ),
    Op(name="energy", kind=Kind.FLOAT, nullable=True, meaning="energy set by hand; none follows the music"),
    Op(name="groove", kind=Kind.FLOAT, meaning="amount of knee, hip and head bob on the beat"),
    Op(name="dancers", kind=Kind.INT, low=1, high=16, meaning="number of dancers"),
    Op(name="formation", kind=Kind.CHOICE, meaning="how several dancers share the dance"),
    Op(name="mirror", kind=Kind.SWITCH, meaning="swap left and right"),
    Op(name="freeze", kind=Kind.SWITCH, meaning="stand still"),
    Op(name="blackout", kind=Kind.SWITCH, meaning="every screen black"),
    Op(name="blackout_fade_ms", kind=Kind.FLOAT, low=0, high=5000, meaning="time that a blackout takes"),
    Op(name="look", kind=Kind.CHOICE, meaning="how the dancer is drawn"),
    Op(name="palette", kind=Kind.INT, low=0, high=15, meaning="colours"),
    Op(
        name="scene",
        kind=Kind.INT,
        low=1,
        high=9,
        names=scenes.NAMES,
        meaning=f"scene: sets palette and view ({', '.join(scenes.NAMES)})",
    ),
    Op(name="camera", kind=Kind.CHOICE, meaning="view; puts a camera that was moved back in its place"),
    Op(name="camera_yaw_deg", kind=Kind.FLOAT, low=-180, high=180, meaning="camera round the dancers, degrees"),
    Op(name="camera_dist_m", kind=Kind.FLOAT, low=-4, high=20, meaning="camera further away than its view, metres"),
    Op(name="camera_x_m", kind=Kind.FLOAT, low=-5, high=5, meaning="camera to the right, metres"),
    Op(name="camera_y_m", kind=Kind.FLOAT, low=-2, high=5, meaning="camera up, metres"),
    Op(name="preset", kind=Kind.PRESET, meaning="recall a preset: style, company, look and view as they were saved"),
    Op(name="preset_save", kind=Kind.NAME, meaning="save the settings of now as a preset; `overwrite` replaces one"),
    Op(name="preset_rename", kind=Kind.PRESET, meaning="call a preset what `to` says"),
    Op(name="preset_delete", kind=Kind.PRESET, meaning="forget a preset"),
    Op(name="delay_ms", kind=Kind.FLOAT, low=-1000, high=2000, meaning="extra delay of one output, or of all (`*`)"),
)

BY_NAME: Final[dict[str, Op]] = {op.name: op for op in OPS}

WINDOW_ACTS: Final = frozenset({"fullscreen"})
"""Acts of this machine's window; they change neither the dance nor what other screens show."""
PRESET_ACTS: Final = frozenset(op.name for op in OPS if op.kind in (Kind.PRESET, Kind.NAME))
"""Acts of the presets, which the stage keeps (`presets.check`, `stage_presets`); their names travel as arguments."""

Vocabulary = Mapping[str, tuple[str, ...]]
VOCABULARY: Final[Vocabulary] = {
    "formation": (
        "unison",
        "mirror",
        "canon",
        "individuals",
        "call",
        "solo",
        "couple",
        "line",
        "wedge",
        "circle",
        "arc",
        "rows",
        "diagonal",
    ),
    "tempo_source": ("audio", "link", "midi", "osc", "tap"),
    "camera": ("front", "orbit", "close", "wide", "low"),
}
"""Names that a choice accepts, in the order of their index. A choice without an entry here or in the vocabulary of the
running show (styles and looks that are installed) takes any short name; `preset` there lists the presets."""

NOT_BUILT: Final[Vocabulary] = {"tempo_source": ("link", "midi", "tap")}
"""Names that keep their index but do nothing yet; they are refused, so that nobody waits for them."""

MAX_NAME: Final = 64


def find(name: str) -> Op:
    """Return the operation called `name`; raises `ConfigError` that lists the near one."""
    op = BY_NAME.get(name)
    if op is None:
        raise ConfigError(f"there is no control '{name[:MAX_NAME]}'{near(name, BY_NAME) or '.'}")
    return op


def value_of(op: Op, value: object, vocabulary: Vocabulary = VOCABULARY) -> bool | int | float | str | None:
    """Return `value` as the operation takes it: numbers clamped, indices turned into names.

    Numbers, booleans and digits in text are taken alike (surfaces send everything as float). Raises `ConfigError`.
    """
    if value is None and (op.nullable or op.kind is Kind.TRIGGER):
        return None
    if op.kind is Kind.CHOICE:
        names = vocabulary.get(op.name, VOCABULARY.get(op.name, ()))
        return _mixed(op, value, names) if op.mixes else _choice(op, value, names)
    if isinstance(value, str) and value.lower() in op.names:
        return round(op.low) + op.names.index(value.lower())
    number = _number(op, value)
    if op.kind in (Kind.SWITCH, Kind.TRIGGER):
        return number != 0
    number = min(op.high, max(op.low, number))
    return round(number) if op.kind is Kind.INT else number


def _number(op: Op, value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if number != number:
        text = str(value)[:MAX_NAME]
        known = f"{near(text, op.names)} There are: {', '.join(op.names)}" if op.names else ""
        raise ConfigError(f"control '{op.name}' takes {op.span}, not {text!r}{known}")
    return number


def _mixed(op: Op, value: object, names: tuple[str, ...]) -> str:
    """Return one choice, a written mix, or the mix of a list [a, b, share of b]."""
    if isinstance(value, (list, tuple)) and len(value) == 3:
        a, b = (_choice(op, name, names) for name in value[:2])
        return style_mix.blend(a, b, _number(op, value[2]), names)
    if isinstance(value, str) and style_mix.is_mix(value):
        return style_mix.text_of(style_mix.parse(value, names))
    return _choice(op, value, names)


def _choice(op: Op, value: object, names: tuple[str, ...]) -> str:
    if isinstance(value, (int, float)) and names and value == value:
        value = names[int(min(len(names) - 1, max(0, value)))]
    names = tuple(name for name in names if name not in NOT_BUILT.get(op.name, ()))
    if isinstance(value, str) and (value in names or (not names and 0 < len(value) <= MAX_NAME)):
        return value
    text = str(value)[:MAX_NAME]
    known = f" There are: {', '.join(names)}" if names else " Give a name."
    raise ConfigError(f"control '{op.name}' has no choice '{text}'{near(text, names) or '.'}{known}")
