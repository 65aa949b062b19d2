"""A peer that runs in another interpreter, one process an item (beat_host.py says what goes over the pipes)."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from livedance.errors import FileError
from livedance.evaluation.beat_take import Announcement, Cost, Take, from_announcements
from livedance.messages import F32

HOST: Final = Path(__file__).parent / "beat_host.py"
HOSTED: Final = ("madmom", "beatnet")
CHECK_S: Final = 300.0
"""A busy machine takes its time to import torch."""


class ProcessPeer:
    """A tracker behind `command`; the host gives it the hops one by one, so nothing is heard ahead."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self._command = list(command)

    def listen(self, audio: F32) -> tuple[Take, ...]:
        """Hear one item; raises `FileError` with the peer's last words when it fails."""
        sound = np.ascontiguousarray(audio, dtype="<f4").tobytes()
        done = subprocess.run(self._command, input=sound, capture_output=True, env=_one_thread(), check=False)
        try:
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            cost = Cost(**lines.pop())
            told = [Announcement(**line) for line in lines]
            return (from_announcements(self.name, told, cost),)
        except (ValueError, IndexError, TypeError) as error:
            words = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise FileError(f"the peer {self.name} ended with code {done.returncode}: {' '.join(words)}") from error


def hosted(python: Path, names: Sequence[str] = HOSTED) -> list[ProcessPeer]:
    """Return the peers that the interpreter `python` can import; raises `FileError` when it cannot be started."""
    found = []
    for name in names:
        command = [str(python), str(HOST), name]
        try:
            done = subprocess.run(
                [*command, "--check"], capture_output=True, timeout=CHECK_S, env=_one_thread(), check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise FileError(f"the peers' interpreter '{python}' cannot be run: {error}") from error
        if done.returncode == 0:
            found.append(ProcessPeer(name, command))
    return found


def _one_thread() -> dict[str, str]:
    """Return an environment in which a peer uses one core, as ours does."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
