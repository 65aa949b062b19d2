"""PulseAudio and PipeWire as seen through `pactl`: sources, sinks, and where our own stream is connected."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACTL_TIMEOUT_S: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseNode:
    """One source or sink of the sound server."""

    index: int
    name: str
    description: str
    n_channels: int
    sample_rate_hz: int
    monitor_of: str | None
    """The sink whose sound this source hears, or None for a real input."""
    channel_map: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseServer:
    """The server and its defaults."""

    host_api: str
    """PulseAudio or PipeWire."""
    default_source: str
    default_sink: str


def socket_path() -> Path:
    """Return where a server of this user listens."""
    return Path(os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")) / "pulse" / "native"


def server() -> PulseServer | None:
    """Return the running server, or None when there is none (or no `pactl`)."""
    text = _pactl("info")
    if text is None:
        return None
    name = _field(text, "Server Name")
    return PulseServer(
        host_api="PipeWire" if "PipeWire" in name else "PulseAudio",
        default_source=_field(text, "Default Source"),
        default_sink=_field(text, "Default Sink"),
    )


def sources() -> list[PulseNode]:
    """Return every source, monitors included."""
    return _nodes(_pactl("list", "sources") or "")


def sinks() -> list[PulseNode]:
    """Return every sink."""
    return _nodes(_pactl("list", "sinks") or "")


def own_streams() -> dict[int, int] | None:
    """Return {stream: source it is connected to} of this process; None when the server does not answer."""
    text = _pactl("list", "source-outputs")
    if text is None:
        return None
    pid = f'application.process.id = "{os.getpid()}"'
    found = {}
    for block in _blocks(text):
        if pid in block:
            found[int(_first(r"#(\d+)", block) or -1)] = int(_first(r"^\s*Source: (\d+)", block) or -1)
    return found


def _nodes(text: str) -> list[PulseNode]:
    return [_node(block) for block in _blocks(text)]


def _node(block: str) -> PulseNode:
    monitor_of = _field(block, "Monitor of Sink")
    return PulseNode(
        index=int(_first(r"#(\d+)", block) or -1),
        name=_field(block, "Name"),
        description=_field(block, "Description"),
        n_channels=int(_first(r"Sample Specification: \S+ (\d+)ch", block) or 2),
        sample_rate_hz=int(_first(r"Sample Specification: \S+ \d+ch (\d+)Hz", block) or 44_100),
        monitor_of=monitor_of if monitor_of not in ("", "n/a") else None,
        channel_map=_field(block, "Channel Map"),
    )


def _blocks(text: str) -> list[str]:
    return re.split(r"\n(?=\S.* #\d+)", text.strip()) if text.strip() else []


def _field(text: str, key: str) -> str:
    return _first(rf"^\s*{key}: (.*)$", text) or ""


def _first(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1).strip() if found else None


def _pactl(*words: str) -> str | None:
    """Return what `pactl` prints, in English (its text form is the one that every version has)."""
    program = shutil.which("pactl")
    if program is None:
        return None
    env = {**os.environ, "LC_ALL": "C"}
    env.pop("PULSE_SOURCE", None)
    env.pop("PULSE_SINK", None)
    try:
        done = subprocess.run(
            [program, *words], env=env, capture_output=True, text=True, errors="replace", timeout=PACTL_TIMEOUT_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
