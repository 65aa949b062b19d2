"""What outlives a stage: state, beat clock and plan number in the show's folder; the recording that goes on."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from livedance import show as shows
from livedance import state as states
from livedance.broadcast import text
from livedance.errors import LivedanceError
from livedance.messages import ClockState

if TYPE_CHECKING:
    from livedance.broadcast.recorder import Recorder

LOG = logging.getLogger(__name__)
RESUME_PLANS: Final = 64
"""A process that resumes counts plans from so far above the last known one, so that its first window wins."""


@dataclass(slots=True, kw_only=True)
class StageMemory:
    """Where a stage goes on: from the one that died, or from the configuration."""

    state: states.StageState
    clock: ClockState
    next_plan: int
    is_second: bool
    """True when another stage of this show has died."""


def restore(show: shows.Show) -> StageMemory:
    """Return what the stage before remembered; a first one where there is nothing (or nothing readable)."""
    first = states.first_state(show.config)
    clock = ClockState(t_s=show.clock.now())
    memory = StageMemory(state=first, clock=clock, next_plan=0, is_second=show.state_path.exists())
    try:
        saved = json.loads(show.state_path.read_text(encoding="utf-8"))
        first.controls = states.controls_from_json(saved["controls"])
        first.arrangement = states.arrangement_from_json(saved["arrangement"])
        first.audio = saved["audio"]
        memory.clock = states.clock_from_json(saved["clock"])
        memory.next_plan = int(saved["next_plan"]) + RESUME_PLANS
    except (OSError, ValueError, KeyError, TypeError):
        LOG.info("a first stage")
    return memory


def save(show: shows.Show, state: states.StageState, clock: ClockState, next_plan: int) -> None:
    """Write what the next stage needs; a full disk is logged, nothing more."""
    try:
        more = {"clock": states.clock_to_json(clock), "next_plan": next_plan}
        shows.write_atomically(show.state_path, json.dumps(state.to_json() | more))
    except OSError as error:
        LOG.warning("cannot save the state: %s", error)


def open_recorder(show: shows.Show, state: states.StageState, *, append: bool) -> Recorder | None:
    """Return the show's recording, begun or (`append`) gone on with; None when there is none. Raises `FileError`."""
    path = show.config.record.path
    if path is None:
        return None
    from livedance.broadcast.recorder import Recorder

    welcome = text.welcome(
        session=show.session, boot=show.session, server_s=show.clock.now(), state=state.to_json(), seed=show.seed
    )
    recorder = Recorder()
    try:
        recorder.open(Path(path), welcome, append=append)
    except LivedanceError as error:
        if not append:
            raise
        # A full disk must not keep a restarted stage from going on.
        LOG.warning("%s", error)
        recorder.path, recorder.error = Path(path), str(error)
    return recorder


def recording_facts(recorder: Recorder | None) -> dict[str, Any] | None:
    """Return what the first screen says about a recording."""
    if recorder is None:
        return None
    return {"path": str(recorder.path), "written": recorder.written, "lost": recorder.lost, "error": recorder.error}
