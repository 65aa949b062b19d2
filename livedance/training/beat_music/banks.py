"""Where the sounds of the training music come from, and which of them a split may use."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from livedance.errors import ConfigError
from livedance.paths import PACKAGE, cache_dir
from livedance.training.beat_music import kits, machines, soundfont
from livedance.training.beat_music.kits import Kit
from livedance.training.beat_music.soundfont import Preset

Split = Literal["train", "held-out"]

SPLIT_FILE: Final = PACKAGE.parent / "configs" / "splits" / "beat.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the sounds lie; the defaults are those of Debian's packages."""

    hydrogen: Path | None = Path("/usr/share/hydrogen/data/drumkits")
    soundfonts: tuple[Path, ...] = (
        Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
        Path("/usr/share/sounds/sf3/MuseScore_General_Full.sf3"),
    )
    lmms: Path | None = Path("/usr/share/lmms/samples")
    """LMMS's samples: its drum machines are played by LMMS once."""
    drums: tuple[Path, ...] = (Path("/usr/share/lmms/samples/drums"), Path("/usr/share/lmms/samples/latin"))
    """Folders of one-shots; each is one kit. Loops are left out: they carry a beat of their own."""
    oneshots: Path | None = None
    """A further folder of one-shots, given by the user."""
    cache: Path | None = None
    """Folder of rendered notes; None is that of the user's cache."""

    @property
    def cache_dir(self) -> Path:
        """The folder of what is rendered."""
        return self.cache or cache_dir() / "beat_music"


_PACKAGES: Final = {
    "hydrogen": "hydrogen-drumkits",
    "FluidR3_GM": "fluid-soundfont-gm",
    "MuseScore_General_Full": "musescore-general-soundfont",
    "lmms": "lmms-common",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Banks:
    """The recorded sounds of one split. Empty banks are allowed: synthetic voices then play everything."""

    kits: tuple[Kit, ...] = ()
    presets: tuple[Preset, ...] = ()


def find(split: Split, places: Places | None = None) -> Banks:
    """Return the sounds that `split` may use; kept in the process.

    Raises `ConfigError` with the package to install when a place of `places` does not exist.
    """
    return _find(split, places or Places())


@lru_cache(maxsize=8)
def _find(split: Split, places: Places) -> Banks:
    check(places)
    found: list[Kit] = list(kits.hydrogen_kits(places.hydrogen)) if places.hydrogen else []
    found += [kits.folder_kit(folder, f"lmms {folder.name}") for folder in places.drums]
    if places.lmms is not None:
        found += machines.kits(places.lmms, places.cache_dir)
    if places.oneshots is not None:
        found.append(kits.folder_kit(places.oneshots, "oneshots"))
    presets: list[Preset] = []
    for font in places.soundfonts:
        font_presets, font_kits = soundfont.bank(font, places.cache_dir)
        presets += font_presets
        found += font_kits
    held = _held_out()
    kept = split == "held-out"
    return Banks(
        kits=tuple(kit for kit in found if (kit.name in held["kits"]["held_out"]) == kept),
        presets=tuple(p for p in presets if (p.program in held["soundfonts"]["held_out_programs"]) == kept),
    )


def check(places: Places) -> None:
    """Raise `ConfigError` when a place is missing, naming the package that holds it."""
    wanted = [places.hydrogen, *places.soundfonts, *places.drums, places.lmms, places.oneshots]
    for path in (path for path in wanted if path is not None and not path.exists()):
        package = next((package for key, package in _PACKAGES.items() if key in str(path)), None)
        fix = f"apt install {package}" if package else "give another folder"
        raise ConfigError(f"the sounds '{path}' are not there: {fix}")


def split_of(seed: int) -> Split:
    """Return the split to which the seed of a clip belongs."""
    return "held-out" if seed >= _held_out()["seeds"]["held_out_from"] else "train"


@lru_cache(maxsize=1)
def _held_out() -> dict[str, Any]:
    try:
        return tomllib.loads(SPLIT_FILE.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"the split '{SPLIT_FILE}' is not there: run from a complete clone") from error
