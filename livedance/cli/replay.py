"""`livedance replay`: a recording to every output, or into a file."""

from __future__ import annotations

from pathlib import Path

from livedance import config as configs
from livedance.cli.render import check_out, write
from livedance.cli.run import overrides, run_config
from livedance.errors import ConfigError
from livedance.replayer import frames, timed


def replay(
    path: Path,
    *,
    out: Path | None,
    web: str | None,
    osc: list[str] | None,
    window: bool | None,
    look: str | None,
    fps: float,
) -> int:
    """Play `path`, or write it to `out`; returns the exit code."""
    timed(path)
    tree = overrides(web=web, osc=osc, window=window, look=look) | {"replay": str(path)}
    config = configs.load(None, tree)
    if out is None:
        return run_config(config)
    check_out(out)
    if out.suffix == ".ldrec":
        raise ConfigError(f"'{path}' is a recording already: give --out a name that ends in .npz, .bvh or .mp4")
    write(out, frames(path, fps), config=config, seed=0, fps=fps, audio=None, size=(1280, 720), records=[])
    return 0
