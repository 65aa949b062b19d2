"""`livedance doctor`: one screen that says what works on this machine and how to mend what does not."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import platform
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

from rich.console import Console
from rich.table import Table

from livedance import __version__
from livedance.broadcast.port import DEFAULT_PORT
from livedance.desktop import has_desktop
from livedance.errors import LivedanceError

OK: Final = "ok"
NOTE: Final = "note"
FAULT: Final = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report."""

    what: str
    state: str
    """ok, note (works without it) or fault."""
    detail: str
    fix: str = ""


def doctor(as_json: bool) -> int:
    """Print every finding; returns 1 when something that the show needs is broken."""
    findings = [finding for check in CHECKS for finding in check()]
    if as_json:
        print(json.dumps([asdict(f) for f in findings], indent=2))
    else:
        _show(findings)
    return int(any(f.state == FAULT for f in findings))


def _show(findings: list[Finding]) -> None:
    table = Table.grid(padding=(0, 2))
    marks = {OK: "[green]✓[/]", NOTE: "[yellow]·[/]", FAULT: "[red]✗[/]"}
    for finding in findings:
        fix = f"\n[dim]{finding.fix}[/]" if finding.fix else ""
        table.add_row(marks[finding.state], f"[bold]{finding.what}[/]", finding.detail + fix)
    Console().print(table)


def check_python() -> list[Finding]:
    """Return the versions in use."""
    version = sys.version_info
    state = OK if (3, 11) <= version[:2] <= (3, 13) else NOTE
    detail = f"livedance {__version__}, Python {platform.python_version()}, {platform.platform()}"
    return [Finding(what="versions", state=state, detail=detail, fix="" if state == OK else "use Python 3.11 to 3.13")]


def check_packages() -> list[Finding]:
    """Return what is installed beside the core."""
    wanted = {
        "aubio": ("beat tracker aubio (stands in)", "pip install 'livedance[aubio]'", NOTE),
        "pyaudio": ("pyaudio (else sounddevice)", "pip install 'livedance[pyaudio]'", NOTE),
        "av": ("mp4 with sound", "pip install 'livedance[video]'", NOTE),
        "moderngl": ("look mesh", "pip install 'livedance[gl]'", NOTE),
    }
    out = []
    for module, (what, fix, fault) in wanted.items():
        there = importlib.util.find_spec(module) is not None
        detail = "installed" if there else "not installed"
        out.append(Finding(what=what, state=OK if there else fault, detail=detail, fix="" if there else fix))
    return out


def check_opencv() -> list[Finding]:
    """Return whether OpenCV loads; its usual fault is a missing libGL."""
    try:
        cv2 = importlib.import_module("cv2")
        return [Finding(what="opencv", state=OK, detail=cv2.__version__)]
    except ImportError as error:
        fix = "Debian, Ubuntu: sudo apt-get install libgl1 libglib2.0-0"
        return [Finding(what="opencv", state=FAULT, detail=str(error), fix=fix)]


def check_audio() -> list[Finding]:
    """Return whether there is something to listen to."""
    from livedance.audio.devices import probe_audio

    return [Finding(**asdict(found)) for found in probe_audio()]


def check_display() -> list[Finding]:
    """Return whether a window can be opened."""
    if has_desktop():
        return [Finding(what="display", state=OK, detail=os.environ.get("DISPLAY", "desktop"))]
    return [Finding(what="display", state=NOTE, detail="none: the dance is in the browser and over OSC")]


def check_look() -> list[Finding]:
    """Return the look that `auto` stands for here, and why."""
    from livedance.render.choice import BEST, chosen

    name, why = chosen()
    fix = "Debian, Ubuntu: sudo apt-get install libegl1 libgl1-mesa-dri" if "OpenGL 3.3" in why else ""
    return [Finding(what="look", state=OK if name == BEST else NOTE, detail=f"auto draws {name}: {why}", fix=fix)]


def check_inference() -> list[Finding]:
    """Return what onnxruntime says it could use; only a session knows what really runs."""
    from livedance import networks

    detail = f"{networks.VERSION}, offers {', '.join(networks.providers())}"
    return [Finding(what="onnxruntime", state=OK, detail=detail)]


def check_ports() -> list[Finding]:
    """Return whether the usual ports are free."""
    out = []
    for port, kind, what in ((DEFAULT_PORT, socket.SOCK_STREAM, "web port"), (9010, socket.SOCK_DGRAM, "OSC-in port")):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
                out.append(Finding(what=what, state=OK, detail=f"{port} is free"))
            except OSError:
                out.append(Finding(what=what, state=NOTE, detail=f"{port} is taken: the next free one is used"))
    return out


def check_library() -> list[Finding]:
    """Return whether the motion library is whole."""
    from livedance.dance.library import MotionLibrary

    try:
        library = MotionLibrary.load()
    except LivedanceError as error:
        return [Finding(what="motion library", state=FAULT, detail=str(error))]
    minutes = sum(c.duration_s for c in library.clips) / 60
    return [Finding(what="motion library", state=OK, detail=f"{len(library.clips)} clips, {minutes:.0f} minutes")]


CHECKS: Final[tuple[Callable[[], list[Finding]], ...]] = (
    check_python, check_packages, check_opencv, check_look, check_audio, check_display, check_inference, check_ports,
    check_library,
)  # fmt: skip
