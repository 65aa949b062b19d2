"""The LMMS program, headless: a project in, its sound out."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zlib
from pathlib import Path

from livedance.errors import ConfigError, FileError
from livedance.messages import F32
from livedance.training.beat_music import samples

_LONGEST_RUN_S = 600


def project_xml(path: Path) -> str:
    """Return the XML of a project file: .mmp is plain, .mmpz has a big-endian length and then zlib."""
    try:
        raw = path.read_bytes()
        return (zlib.decompress(raw[4:]) if path.suffix == ".mmpz" else raw).decode("utf-8", errors="replace")
    except (OSError, zlib.error) as error:
        raise FileError(f"the LMMS project '{path}' cannot be read: {error}; reinstall lmms-common") from error


def rendered(xml: str) -> F32:
    """Return the sound (N,) of a project, mono at 44.1 kHz; sample 0 is its first tick.

    Raises `ConfigError` when LMMS is not installed or fails.
    """
    program = shutil.which("lmms")
    if program is None:
        raise ConfigError("'lmms' is not installed, it plays the demo songs and drum machines: apt install lmms")
    with tempfile.TemporaryDirectory() as folder:
        project, sound = Path(folder) / "song.mmp", Path(folder) / "song.wav"
        project.write_text(xml, encoding="utf-8")
        # LMMS writes its settings to the home folder, and refuses to start as root without being told.
        quiet = {**os.environ, "HOME": folder, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
        polite = ["nice", "-n", "19"] if shutil.which("nice") else []
        command = [*polite, program, "render", "--allowroot", str(project), "-f", "wav", "-s", str(samples.RATE_HZ)]
        done = subprocess.run(
            [*command, "-o", str(sound)], env=quiet, capture_output=True, check=False, timeout=_LONGEST_RUN_S
        )
        if not sound.is_file():
            raise ConfigError(f"LMMS did not render: {done.stderr.decode(errors='replace').strip()[-200:]}")
        return samples.read_mono(sound)
