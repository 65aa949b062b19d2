"""Names to classes. A new source, tracker, generator, look or sink is one file and one line here."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any, Final

from livedance.errors import ConfigError, near

REGISTRY: Final[dict[str, dict[str, str]]] = {
    "source": {
        "pyaudio": "livedance.audio.pyaudio_source:PyAudioSource",
        "sounddevice": "livedance.audio.sounddevice_source:SoundDeviceSource",
        "file": "livedance.audio.file_source:FileSource",
        "demo": "livedance.audio.demo_source:DemoSource",
    },
    "tracker": {
        "livedance": "livedance.beat.own_tracker:LivedanceTracker",
        "aubio": "livedance.beat.aubio_tracker:AubioTracker",
        "click": "livedance.beat.click_tracker:ClickTracker",
    },
    "generator": {
        "motion-graph": "livedance.dance.motion_graph:MotionGraph",
        "network": "livedance.dance.network:NetworkDance",
        "idle": "livedance.dance.idle:Idle",
        "probe": "livedance.dance.probe:Probe",
    },
    "look": {
        "neon": "livedance.render.neon:Neon",
        "silhouette": "livedance.render.silhouette:Silhouette",
        "skeleton": "livedance.render.skeleton_look:SkeletonLook",
        "none": "livedance.render.none:NoLook",
        "mesh": "livedance.render.mesh.look:Mesh",
        "auto": "livedance.render.choice:auto",
    },
    "osc_profile": {
        "default": "livedance.broadcast.osc_default:DefaultProfile",
        "td": "livedance.broadcast.osc_td:TouchDesignerProfile",
    },
}
"""kind -> name -> "module:Class", or a function that returns an instance.

Others add an entry point in group `livedance.<kind>`.
"""


def names(kind: str) -> list[str]:
    """Return the names that can be built for `kind`, built-in ones first."""
    return [*REGISTRY[kind], *(e.name for e in entry_points(group=f"livedance.{kind}") if e.name not in REGISTRY[kind])]


def find_target(kind: str, name: str) -> str:
    """Return the "module:Class" behind `name` without importing it; raises `ConfigError` that lists what there is."""
    target = REGISTRY[kind].get(name) or next(
        (e.value for e in entry_points(group=f"livedance.{kind}") if e.name == name), None
    )
    if target is None:
        known = ", ".join(names(kind))
        raise ConfigError(f"there is no {kind.replace('_', ' ')} '{name}'{near(name, names(kind))} There are: {known}")
    return target


def find(kind: str, name: str) -> type:
    """Return the class behind `name`; raises `ConfigError` that lists what there is."""
    target = find_target(kind, name)
    module, _, attribute = target.partition(":")
    return getattr(importlib.import_module(module), attribute)  # type: ignore[no-any-return]


def build(kind: str, name: str, options: Mapping[str, Any] | None = None) -> Any:
    """Return an instance of `name` made from `options` (keyword arguments of its constructor)."""
    return find(kind, name)(**dict(options or {}))
