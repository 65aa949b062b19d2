"""`livedance replay`: a recording to every output, or into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from livedance import config as configs
from livedance.cli.render import check_out, suffix_of, write
from livedance.cli.run import check_names, overrides, run_config
from livedance.errors import ConfigError
from livedance.replayer import State, frames, seed_of, shown, timed


def replay(path: Path, *, out: Path | None, fps: float, options: dict[str, Any]) -> int:
    """Play `path` with the options of `run`, or write it to `out`; returns the exit code."""
    if not 1.0 <= fps <= 240.0:
        raise ConfigError(f"--fps {fps:g} cannot be used: choose 1 to 240")
    states = [message for _, message in timed(path) if isinstance(message, dict)]
    recorded = _as_recorded(states) if states else {}
    tree = configs.merge(recorded, overrides(**options)) | {"replay": str(path)}
    config = configs.load(None, tree)
    if out is None:
        return run_config(config)
    check_names(config)
    size = (config.window.width_px, config.window.height_px)
    check_out(out)
    if suffix_of(out) == ".ldrec":
        raise ConfigError(f"'{path}' is a recording already: give --out a name that ends in .npz, .bvh or .mp4")
    played = frames(path, fps, config.look.name)
    write(out, played, config=config, seed=seed_of(path), fps=fps, audio=None, size=size, records=[])
    return 0


def _as_recorded(states: list[State]) -> dict[str, Any]:
    """Return the configuration that shows what the recording shows at first, with places for all of its dancers."""
    first = shown(states[0])
    most = max(len(state["arrangement"]["dancers"]) for state in states)
    look = {"name": first.get("look"), **{name: first.get(name) for name in ("palette", "camera")}}
    return {"dance": {"dancers": most, "formation": first.get("formation")}, "look": look}
