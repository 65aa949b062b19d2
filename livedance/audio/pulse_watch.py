"""Notices when the sound server moves our recording to another source. Polls once a second in its own thread."""

from __future__ import annotations

import threading
from typing import Final

from livedance.audio import pulse

POLL_S: Final = 1.0


class StreamWatch:
    """Watches the recording streams that this process opens after the watch was made.

    The source that we asked for is known by number: a source that was unloaded and loaded again has a new one.
    """

    def __init__(self, source_name: str | None) -> None:
        """Expect the source `source_name`; None: whatever the stream is first seen on."""
        self._before = frozenset(pulse.own_streams() or {})
        nodes = pulse.sources() if source_name is not None else []
        self._expected = next((n.index for n in nodes if n.name == source_name), None)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._seen = False
        self.has_moved = False
        """True for good once the stream is elsewhere, or gone from a server that still answers."""

    def start(self) -> None:
        """Begin to poll."""
        self._thread = threading.Thread(target=self._run, name="pulse-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; waits for a poll that is under way, at most 1 s."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(1.0)

    def check(self) -> None:
        """Look once."""
        streams = pulse.own_streams()
        if streams is None:
            return
        ours = [source for stream, source in streams.items() if stream not in self._before]
        if not ours:
            self.has_moved = self.has_moved or self._seen
            return
        self._seen = True
        if self._expected is None:
            self._expected = ours[0]
        self.has_moved = self.has_moved or self._expected not in ours

    def _run(self) -> None:
        while not self._stop.wait(POLL_S) and not self.has_moved:
            self.check()
