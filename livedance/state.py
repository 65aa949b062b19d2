"""What everybody agrees on and what outlives a process: the sticky state of the show as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from livedance.config import LiveConfig
from livedance.control.controls import reduce
from livedance.control.scenes import SCENES
from livedance.dance.arrangement import arrangement_for
from livedance.messages import (
    Arrangement,
    ClockState,
    Command,
    Controls,
    LockState,
    Section,
    ShownDancer,
    Source,
)
from livedance.style_mix import AUTO

RECORDING: Final = "recording"
"""Source of the commands of a recording that is played in the brain's place."""


@dataclass(slots=True, kw_only=True)
class StageState:
    """Sticky state. Only the stage writes it; every screen obeys it."""

    controls: Controls
    arrangement: Arrangement = field(default_factory=Arrangement)
    audio: dict[str, Any] = field(default_factory=dict)
    """What the brain hears: name, host_api, health, level_db, playing (url, title, t0_s) ..."""
    message: str = ""
    """One sentence for people ("I hear nothing on ..."), or empty."""

    def to_json(self) -> dict[str, Any]:
        """Return the `state` message of the wire."""
        return {
            "type": "state",
            "controls": controls_to_json(self.controls),
            "arrangement": arrangement_to_json(self.arrangement),
            "audio": self.audio,
            "message": self.message,
            "blackout": self.controls.blackout,
            "freeze": self.controls.freeze,
            "look": self.controls.look,
            "palette": self.controls.palette,
            "scene": self.controls.scene,
            "camera": self.controls.camera,
        }


def first_controls(config: LiveConfig) -> Controls:
    """Return the controls with which a show starts; palette and camera are those of the scene unless they are set."""
    scene = SCENES[config.look.scene] if config.look.scene > 1 else {}
    return Controls(
        style=config.dance.style,
        director=config.director.enabled,
        energy=config.dance.energy,
        groove=config.dance.groove,
        dancers=config.dance.dancers,
        formation=config.dance.formation,
        look=config.look.name,
        palette=config.look.palette or scene.get("palette", 0),
        scene=config.look.scene,
        camera=scene.get("camera", "front") if config.look.camera == "front" else config.look.camera,
    )


def first_state(config: LiveConfig) -> StageState:
    """Return the state with which a show starts."""
    controls = first_controls(config)
    return StageState(controls=controls, arrangement=arrangement_for(controls, 0.0))


def direct(state: StageState, directed: Command) -> bool:
    """Take a decision of the director or a recording; returns whether another arrangement holds, from its beat on."""
    before, state.controls = state.controls, reduce(state.controls, directed)
    if shape(before) == shape(state.controls):
        return False
    state.arrangement = arrangement_for(state.controls, directed.value or 0.0)
    return True


def danced_style(controls: Controls) -> str:
    """Return the style, or the mix, that is danced: what `auto` stands for where it is auto, once that is decided."""
    return controls.auto_style or controls.style if controls.style == AUTO else controls.style


def shape(controls: Controls) -> tuple[int, str, bool]:
    """Return what an arrangement depends on."""
    return controls.dancers, controls.formation, controls.mirror


def controls_to_json(controls: Controls) -> dict[str, Any]:
    """Return `controls` as plain JSON."""
    return dataclasses.asdict(controls)


def controls_from_json(tree: Mapping[str, Any]) -> Controls:
    """Return the controls that `controls_to_json` wrote; unknown fields are dropped."""
    known = {f.name for f in dataclasses.fields(Controls)}
    return Controls(**{k: v for k, v in tree.items() if k in known})


def arrangement_to_json(arrangement: Arrangement) -> dict[str, Any]:
    """Return `arrangement` as the wire has it."""
    return {"beat": arrangement.beat, "dancers": [dataclasses.asdict(d) for d in arrangement.dancers]}


def arrangement_from_json(tree: Mapping[str, Any]) -> Arrangement:
    """Return the arrangement of a `state` message."""
    return Arrangement(beat=float(tree["beat"]), dancers=tuple(ShownDancer(**d) for d in tree["dancers"]))


def clock_to_json(clock: ClockState) -> dict[str, Any]:
    """Return a clock state as plain JSON."""
    return dataclasses.asdict(clock)


def clock_from_json(tree: Mapping[str, Any]) -> ClockState:
    """Return the clock state that `clock_to_json` wrote."""
    kinds = {"source": Source(tree["source"]), "state": LockState(tree["state"]), "section": Section(tree["section"])}
    return ClockState(**{**tree, **kinds})


def command_to_json(command: Command) -> dict[str, Any]:
    """Return `command` as our processes send it."""
    return {"type": "command", **dataclasses.asdict(command)}


def command_from_json(tree: Mapping[str, Any], source: str) -> Command:
    """Return the command of a `command` or `applied` message; `source` where it names none."""
    value, args = tree.get("value"), dict(tree.get("args") or {})
    number = float(value) if isinstance(value, (int, float)) else None
    if value is not None and number is None:
        # A name (style, look) travels as an argument: `value` is a number.
        args["value"] = value
    return Command(
        op=str(tree["op"]),
        value=number,
        args=args,
        source=str(tree.get("source") or source),
        hop=tree.get("hop"),
    )
