"""Where things lie: assets and the viewer in the package, models in the package (wheel) or beside it (clone)."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_cache_path, user_config_path

from livedance.errors import ModelError

PACKAGE = Path(__file__).resolve().parent
ASSETS = PACKAGE / "assets"
VIEWER = PACKAGE / "assets" / "viewer"


def model_dir(name: str) -> Path:
    """Return the folder of the exported model `name`; raises `ModelError` when it is not there."""
    for root in (PACKAGE / "models", PACKAGE.parent / "models"):
        if (root / name).is_dir():
            return root / name
    raise ModelError(f"the model '{name}' is not there: reinstall livedance, or run from a complete clone")


def config_dir() -> Path:
    """Return the user's folder for configuration (may not exist yet)."""
    return user_config_path("livedance", appauthor=False)


def cache_dir() -> Path:
    """Return the user's folder for what can be made again (may not exist yet)."""
    return user_cache_path("livedance", appauthor=False)
