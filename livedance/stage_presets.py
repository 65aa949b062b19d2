"""The presets of a running show: recalled from memory by the stage, kept in one file by a thread of their own.

Every change begins with the file as it is then, so that two shows, or a person with an editor, lose nothing to each
other; it ends in a whole new file or none. A file that cannot be read is named in one sentence and left untouched.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from livedance.broadcast.atomic import writing
from livedance.config import ControlConfig
from livedance.control import presets as rules
from livedance.control.presets import Presets
from livedance.errors import ConfigError, FileError, LivedanceError
from livedance.messages import Command, Controls
from livedance.paths import config_dir

LOG = logging.getLogger(__name__)
MAX_WAITING: Final = 16
"""Changes that may wait for a slow disk; more are refused."""
JOIN_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What there is, and what people are to be told about it."""

    presets: Presets
    done: str = ""
    """What has just been done, for people; empty where nothing was."""
    problem: str = ""
    """Why the file cannot be used, or the last change not be made: one sentence, until something succeeds."""


Edit = Callable[[Presets], Presets]


class StagePresets:
    """Obeys the acts of the presets. The stage's thread but for `_keep`; nothing here waits for the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._shelf = Shelf(presets={})
        self._told: Shelf | None = None
        self._waiting: queue.Queue[tuple[Edit, str] | None] = queue.Queue(MAX_WAITING)
        self._waiting.put((lambda found: found, ""))
        self._thread = threading.Thread(target=self._keep, name="presets", daemon=True)
        self._thread.start()

    @property
    def names(self) -> tuple[str, ...]:
        """What the presets are called, in the order of their numbers."""
        return tuple(self._shelf.presets)

    def obey(self, command: Command, controls: Controls) -> Command | None:
        """Return the `set` that recalls a preset; take any other act to the file and return None.

        Raises `ConfigError` for what cannot be done. Whether the file could be written is told later (`message`).
        """
        shelf = self._shelf
        command = rules.check(command, tuple(shelf.presets))
        name = command.args["value"]
        if command.op == "preset":
            return rules.recalled(shelf.presets, name)
        done = {
            "preset_save": f"Saved '{name}'",
            "preset_rename": f"'{name}' is now '{command.args.get('to')}'",
            "preset_delete": f"Deleted '{name}'",
        }[command.op]
        self._queue(lambda found: rules.edited(found, command, controls), done)
        return None

    def complain(self, sentence: str) -> None:
        """Tell everybody who controls the show why a preset was not recalled."""

        def refuse(found: Presets) -> Presets:
            raise ConfigError(sentence)

        with contextlib.suppress(ConfigError):
            self._queue(refuse, "")

    def has_news(self) -> bool:
        """Return whether `message` says something else than the last time this was asked."""
        before, self._told = self._told, self._shelf
        return before is not self._told

    def message(self) -> dict[str, Any]:
        """Return the `presets` message for the herald."""
        shelf = self._shelf
        return {"type": "presets", "names": list(shelf.presets), "done": shelf.done, "problem": shelf.problem}

    def close(self) -> None:
        """Finish what waits, for at most a second."""
        try:
            self._waiting.put(None, timeout=JOIN_S)
        except queue.Full:
            return
        self._thread.join(JOIN_S)

    def _queue(self, edit: Edit, done: str) -> None:
        try:
            self._waiting.put_nowait((edit, done))
        except queue.Full:
            raise ConfigError(f"{self.path} is slow: {MAX_WAITING} changes of presets wait already") from None

    def _keep(self) -> None:
        """Make one change after the other; the thread of the file."""
        while (job := self._waiting.get()) is not None:
            edit, done = job
            found = self._shelf.presets
            try:
                found = read(self.path)
                after = edit(found)
                if after != found or list(after) != list(found):
                    write(self.path, after)
                self._shelf = Shelf(presets=after, done=done)
            except LivedanceError as error:
                LOG.warning("%s", error)
                self._shelf = Shelf(presets=found, problem=str(error))


def path_of(config: ControlConfig) -> Path:
    """Return where the presets of a show are kept."""
    path = Path(config.presets) if config.presets else config_dir() / "presets.toml"
    return path.resolve()  # a link to a file elsewhere stays a link


def read(path: Path) -> Presets:
    """Return the presets in `path`, none where there is no file. Raises `FileError` in one sentence."""
    try:
        with path.open("rb") as file:
            text = file.read(rules.MAX_BYTES + 1)
        if len(text) > rules.MAX_BYTES:
            raise ConfigError(f"it is larger than {rules.MAX_BYTES // 1024} KB")
        return rules.from_toml(text.decode())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise FileError(f"cannot read the presets {path}: {error.strerror or error}") from error
    except (ConfigError, UnicodeDecodeError) as error:
        why = str(error) if isinstance(error, ConfigError) else "it is no text (UTF-8)"
        raise FileError(f"the presets {path} cannot be used and stay as they are: {why}") from error


def write(path: Path, presets: Presets) -> None:
    """Replace the file whole or not at all. Raises `FileError`, `ConfigError` where it would be too long."""
    text = rules.to_toml(presets)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror or error}") from error
    with writing(path) as part:
        part.write_text(text, encoding="utf-8")
