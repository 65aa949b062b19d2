"""Truth of a clip as a JSON file beside its audio: `NAME.flac` and `NAME.json`, all times in seconds of that audio."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from livedance.errors import FileError
from livedance.messages import Section
from livedance.training.beat_music.piece import Truth

_TIMES = ("beat_s", "downbeat_s", "phrase_s", "drop_s")


def write(path: Path, truth: Truth) -> None:
    """Write `truth` to a microsecond."""
    plain = asdict(truth)
    for name in _TIMES:
        plain[name] = np.round(plain[name], 6).tolist()
    plain["rhythm"] = [[round(start, 6), round(end, 6)] for start, end in truth.rhythm]
    plain["sections"] = [[round(start, 6), section.name.lower()] for start, section in truth.sections]
    path.write_text(json.dumps(plain), encoding="utf-8")


def read(path: Path) -> Truth:
    """Return the truth in `path`; keys that are no part of it (seed, kind ...) are for the reader's eyes only."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        known = {f.name for f in fields(Truth)}
        return _truth({key: value for key, value in plain.items() if key in known})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileError(f"{path} is no truth of a clip ({error!r}): render the data again") from error


def _truth(plain: dict[str, Any]) -> Truth:
    for name in _TIMES:
        plain[name] = np.asarray(plain[name], np.float64)
    plain["rhythm"] = tuple((float(start), float(end)) for start, end in plain["rhythm"])
    plain["sections"] = tuple((float(start), _section(section)) for start, section in plain["sections"])
    return Truth(**plain)


def _section(value: str | int) -> Section:
    return Section[value.upper()] if isinstance(value, str) else Section(value)
