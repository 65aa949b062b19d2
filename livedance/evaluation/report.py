"""Reports: one JSON and one Markdown file, always with machine, commit, date and how it was measured."""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from livedance import __version__
from livedance.errors import FileError


def machine() -> dict[str, Any]:
    """Return what this machine is and what it was doing."""
    load = os.getloadavg() if hasattr(os, "getloadavg") else (math.nan,) * 3
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": [round(x, 2) for x in load],
        "nice": os.nice(0) if hasattr(os, "nice") else 0,
        "session_nice": session_nice(),
    }


def session_nice() -> int:
    """Return the priority of this session among all (Linux autogroups: there `nice` counts within a session only)."""
    try:
        return int(Path("/proc/self/autogroup").read_text(encoding="ascii").split()[-1])
    except (OSError, ValueError, IndexError):
        return 0


def provenance() -> dict[str, Any]:
    """Return version, commit and date."""
    return {
        "livedance": __version__,
        "commit": commit(),
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": machine(),
    }


def commit() -> str:
    """Return the short commit of the clone, "+" behind it when files are changed, or "unknown"."""
    here = Path(__file__).parent
    try:
        words = ["git", "-C", str(here), "rev-parse", "--short", "HEAD"]
        name = subprocess.run(words, capture_output=True, text=True, timeout=5, check=True).stdout.strip()
        dirty = subprocess.run(
            ["git", "-C", str(here), "status", "--porcelain", "--untracked-files=no"],
            capture_output=True, text=True, timeout=5, check=True,
        ).stdout.strip()  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return name + ("+" if dirty else "")


def write(base: Path | None, title: str, explanation: str, data: Mapping[str, Any], tables: Sequence[str]) -> None:
    """Write `base`.json (all figures) and `base`.md (the tables), nothing without a base; raises `FileError`."""
    if base is None:
        return
    whole = {**provenance(), **data}
    found = whole["machine"]
    session = f", session nice {found['session_nice']}" if found["session_nice"] else ""
    head = (
        f"# {title}\n\nMeasured {whole['date']} at commit {whole['commit']} on {found['processor']}, "
        f"{found['cores']} cores, {found['system']}, Python {found['python']}, "
        f"load at the end {found['load'][0]}, nice {found['nice']}{session}.\n\n{explanation}\n"
    )
    try:
        base.parent.mkdir(parents=True, exist_ok=True)
        base.with_suffix(".json").write_text(json.dumps(plain(whole), indent=1, ensure_ascii=False) + "\n")
        base.with_suffix(".md").write_text("\n".join([head, *tables]), encoding="utf-8")
    except OSError as error:
        raise FileError(f"cannot write the report {base}: {error.strerror}") from error


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a Markdown table; floats with two digits."""
    lines = [" | ".join(head), " | ".join("---" for _ in head)]
    lines += [" | ".join(_cell(cell) for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def plain(value: Any) -> Any:
    """Return `value` as JSON can hold it: dataclasses as tables, arrays as lists, floats rounded, NaN as null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, float):
        return round(value, 5) if math.isfinite(value) else None
    return value


def _cell(cell: Any) -> str:
    if isinstance(cell, float):
        return "–" if not math.isfinite(cell) else f"{cell:.2f}" if abs(cell) < 10 else f"{cell:.1f}"
    return "–" if cell is None else str(cell)


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
