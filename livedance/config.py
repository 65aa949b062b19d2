"""What a show is made of: one tree of settings, checked whole before any device is opened.

Order of strength: command line > environment (`LIVEDANCE_SECTION__KEY`) > TOML file > defaults.
Unknown keys are errors that suggest the near one.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from livedance.errors import ConfigError, FileError, near

Port = Annotated[int, Field(ge=0, le=65_535)]
Unit = Annotated[float, Field(ge=0.0, le=1.0)]
Side = Annotated[int, Field(ge=16, le=4_096)]
DelayMs = Annotated[float, Field(ge=-1_000.0, le=2_000.0)]


class Section(BaseModel):
    """Base of every table: frozen, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class AudioConfig(Section):
    """What to listen to."""

    source: str = "auto"
    """auto, mic, loopback, demo or the path of a file (wav, flac, ogg, mp3)."""
    backend: Literal["auto", "pyaudio", "sounddevice"] = "auto"
    """auto prefers pyaudio when it is importable."""
    device: str | None = None
    """Name of the input device, or a part of it; None = the system's default."""
    channels: list[Annotated[int, Field(ge=1)]] | None = None
    """Channels of the device, from 1; None = all, mixed to mono."""
    offset_ms: DelayMs = 0.0
    """Signed; subtracted from the device's stamps."""
    play: str = "auto"
    """Where demo and files are heard: auto, off, browser or the name of an output device."""
    block_samples: Annotated[int, Field(ge=64, le=4_096)] = 1_024
    """What the device hands over at a time. Beats are foreseen, so 23 ms cost the dance nothing; with 512 the meters
    and the first sound come 12 ms sooner, and the brain takes half as much processor time again."""
    loop: bool = False
    """Files start again at their end; otherwise the dancer idles there. The demo always goes on."""


class BeatConfig(Section):
    """How the beat is found."""

    tracker: str = "livedance"


class DanceConfig(Section):
    """Who dances and how."""

    generator: str = "motion-graph"
    style: str = "auto"
    """A style, a mix such as club:2+jazz:1, or auto: by what is heard."""
    style_table: str | None = None
    """A table (TOML) of your own that says which styles suit which music; unset: the one that ships."""
    dancers: Annotated[int, Field(ge=1, le=16)] = 1
    formation: Literal[
        "unison", "mirror", "canon", "individuals", "call", "solo", "couple",
        "line", "wedge", "circle", "arc", "rows", "diagonal",
    ] = "unison"  # fmt: skip
    groove: Unit = 0.35
    energy: Unit | None = None
    """Fixed energy; None follows the music."""
    choreographer: bool = True
    """False: phrases in a row, chosen by how well they join; no forms, builds, drops and breaks."""


class LifeConfig(Section):
    """How alive a body is, part by part; 0 leaves a part as the dance has it."""

    gaze: Unit = 1.0
    head: Unit = 1.0
    nod: Unit = 1.0
    breath: Unit = 1.0
    chest: Unit = 0.5
    feet: Unit = 1.0
    weight: Unit = 1.0
    hands: Unit = 1.0


class DirectorConfig(Section):
    """Who decides about company, formation, scene, palette and camera while nobody else does."""

    enabled: bool = True
    """A change by hand holds it off for 16 bars; false: everything stays as it is set."""
    max_dancers: Annotated[int, Field(ge=1, le=16)] = 4
    """How many may dance on a drop. A show begins with `dance.dancers` and never has fewer; in breaks they are left."""


class LookConfig(Section):
    """How the picture looks."""

    name: str = "auto"
    """auto: mesh where this machine can hold it, else neon (`livedance doctor` says which)."""
    background: Literal["none", "black", "stage"] = "stage"
    palette: Annotated[int, Field(ge=0)] = 0
    scene: Annotated[int, Field(ge=1, le=9)] = 1
    """From 2 on it brings its palette and camera where these are not set (`control/scenes.py`)."""
    camera: Literal["front", "orbit", "close", "wide", "low"] = "front"
    flash_limiter: bool = True
    """WCAG 2.3.1 limiter on the last pass of each screen."""


class WindowConfig(Section):
    """The window or projector on this machine."""

    enabled: Literal["auto", "on", "off"] = "auto"
    """auto: on where there is a desktop."""
    width_px: Annotated[int, Field(ge=64, le=7_680)] = 1_280
    height_px: Annotated[int, Field(ge=64, le=4_320)] = 720
    display: Annotated[int, Field(ge=0)] = 0
    fullscreen: bool = False
    fps: Annotated[float, Field(ge=1, le=240)] = 60.0
    delay_ms: DelayMs = 0.0
    """Time from here to the light: projector and scaler. The dance is drawn that much ahead."""


class WebConfig(Section):
    """The page and the socket."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: Port | None = None
    """None: 8765, or the next free one; a number: that one or exit 5."""
    token: str | None = None
    """Needed for control, and for everything when `host` is not loopback; None = a random one."""
    open_browser: Literal["auto", "on", "off"] = "auto"
    image_size: tuple[Side, Side] = (640, 360)
    """Size of the pictures for browsers that ask for images."""
    image_fps: Annotated[float, Field(ge=1, le=60)] = 30.0
    max_score_clients: int = 2_000
    max_pose_clients: int = 100
    max_image_clients: int = 16
    max_control_clients: int = 8


class OscConfig(Section):
    """One OSC receiver."""

    profile: str = "default"
    host: str = "127.0.0.1"
    port: Port = 9_000
    rate_hz: Annotated[float, Field(ge=1, le=240)] = 60.0
    delay_ms: DelayMs = 0.0
    lead_ms: Annotated[float, Field(ge=0, le=1_000)] = 0.0
    """How much before the beat `beat/hit` is sent."""
    picture: bool = False
    """Also send the joints as the show's camera sees them (profile `default`: `2d/<joint>`)."""


class OscInConfig(Section):
    """OSC control."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: Port | None = None
    """None: 9010, or the next free one; a number: that one or exit 5."""
    allow: list[str] = Field(default_factory=list)
    """Addresses that may send when `host` is not loopback."""


class ControlConfig(Section):
    """What people do to the running show."""

    presets: str | None = None
    """File (TOML) of the presets, made when the first is saved; None = presets.toml in the user's own folder."""


class RecordConfig(Section):
    """Recording of the score."""

    path: str | None = None


class UiConfig(Section):
    """The terminal."""

    tui: bool = True
    log_json: bool = False


class LiveConfig(Section):
    """A whole show."""

    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None
    duration_s: Annotated[float, Field(gt=0)] | None = None
    replay: str | None = None
    """A recording (.ldrec) to play instead of listening."""
    audio: AudioConfig = AudioConfig()
    beat: BeatConfig = BeatConfig()
    dance: DanceConfig = DanceConfig()
    life: LifeConfig = LifeConfig()
    director: DirectorConfig = DirectorConfig()
    look: LookConfig = LookConfig()
    window: WindowConfig = WindowConfig()
    web: WebConfig = WebConfig()
    osc: list[OscConfig] = Field(default_factory=lambda: [OscConfig()])
    osc_in: OscInConfig = OscInConfig()
    control: ControlConfig = ControlConfig()
    record: RecordConfig = RecordConfig()
    ui: UiConfig = UiConfig()


def load(path: Path | None = None, overrides: Mapping[str, Any] | None = None) -> LiveConfig:
    """Return the checked configuration from a TOML file, the environment and `overrides` (nested).

    Raises `FileError` when the file cannot be read and `ConfigError` naming key, value and fix.
    """
    tree: dict[str, Any] = {}
    if path is not None:
        try:
            tree = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise FileError(f"cannot read the configuration {path}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} is not valid TOML: {error}") from error
    tree = merge(merge(tree, _from_environment(os.environ)), overrides or {})
    return check(tree, str(path) if path else "configuration")


def check(tree: Mapping[str, Any], where: str = "configuration") -> LiveConfig:
    """Return `tree` as a `LiveConfig`; raises `ConfigError` with one sentence for the first fault."""
    try:
        return LiveConfig.model_validate(dict(tree))
    except ValidationError as error:
        raise ConfigError(f"{where}: {_sentence(error)}") from error


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with the values of `over`, table by table; None in `over` changes nothing."""
    out = dict(base)
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(out.get(key, {}), Mapping):
            out[key] = merge(out.get(key, {}), value)
        elif value is not None:
            out[key] = value
    return out


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the tree given by variables such as LIVEDANCE_AUDIO__DEVICE=USB."""
    tree: dict[str, Any] = {}
    for name, value in environ.items():
        path = name.removeprefix("LIVEDANCE_").lower().split("__")
        if not name.startswith("LIVEDANCE_") or path[0] not in LiveConfig.model_fields:
            continue
        table = tree
        for key in path[:-1]:
            table = table.setdefault(key, {})
        table[path[-1]] = value
    return tree


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    location = [p for p in first["loc"] if isinstance(p, str)]
    key = ".".join(str(p) for p in first["loc"])
    if first["type"] == "extra_forbidden":
        known = _keys_at(location[:-1])
        return f"there is no key '{key}'{near(location[-1], known)} Known here: {', '.join(known)}"
    value = first.get("input")
    shown = f"{value!r}" if not isinstance(value, dict) else "a table"
    return f"{key} = {shown} cannot be used: {first['msg'][0].lower()}{first['msg'][1:]}"


def _keys_at(location: list[str]) -> list[str]:
    model: type[BaseModel] = LiveConfig
    for name in location:
        annotation = model.model_fields[name].annotation
        inner = getattr(annotation, "__args__", None)
        model = inner[0] if inner else annotation  # type: ignore[assignment]
    return list(model.model_fields)


def to_toml(config: LiveConfig) -> str:
    """Return `config` as TOML; unset keys are left out."""
    tree = config.model_dump(exclude_none=True)
    lines = [f"{k} = {toml_value(v)}" for k, v in tree.items() if not _is_table(v)]
    for name, value in tree.items():
        if isinstance(value, dict):
            lines += ["", f"[{name}]", *(f"{k} = {toml_value(v)}" for k, v in value.items())]
        elif _is_table(value):
            for item in value:
                lines += ["", f"[[{name}]]", *(f"{k} = {toml_value(v)}" for k, v in item.items())]
    return "\n".join(lines).strip() + "\n"


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def toml_value(value: Any) -> str:
    """Return a plain value as TOML has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(v) for v in value) + "]"
    return repr(value)
