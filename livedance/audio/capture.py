"""One thread that keeps the chosen source going: watches it, reopens it by name, meters it, plays what is a file.

The brain takes blocks here and nothing else. A device that comes back is a new stream: its blocks start again at
index 0 and stream time 0, and the brain maps them on. No other device is ever opened in its place.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, Final

from livedance.audio.choice import is_played, open_source, played_block
from livedance.audio.meter import ChannelLevel, Meter
from livedance.audio.play import Player
from livedance.audio.portaudio import hangs
from livedance.audio.ring import BlockRing
from livedance.audio.source import AudioSource, SourceHealth, SourceInfo
from livedance.config import AudioConfig
from livedance.errors import AudioError, LivedanceError
from livedance.messages import AudioBlock

LOG = logging.getLogger(__name__)
READ_S: Final = 0.05
FIRST_RETRY_S: Final = 0.5
LONGEST_RETRY_S: Final = 5.0
STOP_S: Final = 3.0


class Capture:
    """The audio input of a show. `start`, `take`, `status` and `close` from the brain's thread."""

    def __init__(self, config: AudioConfig | None = None) -> None:
        """Prepare the source that `config` names; opens nothing yet."""
        self._config = config or AudioConfig()
        self._ring = BlockRing()
        self._meter = Meter()
        self._player: Player | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._message = ""
        self._source: AudioSource | None = None
        self._reopen: Callable[[], AudioSource] | None = None
        self.is_file = is_played(self._config)
        """True for a file or the demo: its time is exact. With `auto` it is settled by `start`."""
        self.health = SourceHealth.OPENING
        self.info = SourceInfo(
            name=self._config.source, host_api="", sample_rate_hz=44_100, n_channels=0, latency_s=0.0
        )
        self.heard_after_s = 0.0
        """How long after its `device_t_s` a sample of a file is heard in the room: the output's latency."""
        self.n_reopened = 0

    def start(self) -> None:
        """Open the source and begin; raises `AudioError` or `FileError`, one sentence, with nothing left open."""
        opened = open_source(self._config)
        self._source, self._reopen, self.info = opened.source, opened.make_again, opened.source.info
        self.is_file = self._reopen is None
        if self.is_file:
            self._open_player()
        self._note(self._source.health())
        self._message = opened.note
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._thread.start()

    def take(self, timeout_s: float) -> AudioBlock | None:
        """Return the next block, or None when none came in time. Blocks that were not taken in 2 s count as lost."""
        return self._ring.take(timeout_s)

    @property
    def levels(self) -> tuple[ChannelLevel, ...]:
        """Peak and RMS of each channel now; empty while there is no sound."""
        return self._meter.levels

    @property
    def is_stuck(self) -> bool:
        """True when the sound system hangs in this process for good: only a new process hears again."""
        return hangs()

    @property
    def lost_samples(self) -> int:
        """Samples that the reader was too slow for."""
        return self._ring.lost_samples

    def playing(self) -> dict[str, Any]:
        """Return file, title and licence of what plays, and the stream time of its first sample; empty for devices."""
        describe = getattr(self._source, "playing", None)
        return describe() if describe is not None else {}

    def status(self) -> dict[str, Any]:
        """Return what the first screen shows, as plain values."""
        playing = self.playing()
        return {
            "name": self.info.name,
            "host_api": self.info.host_api,
            "health": self.health.value,
            "message": self._message,
            "channels": [[round(c.peak_db, 1), round(c.rms_db, 1)] for c in self.levels],
            "lost_samples": self.lost_samples,
            "reopened": self.n_reopened,
            "play": self._player.mode if self._player is not None else "off",
            "title": playing.get("title", ""),
            "url": playing.get("url", ""),
            "t0_stream_s": playing.get("t0_stream_s"),
        }

    def close(self) -> None:
        """Stop the thread, the source and the player; may be called twice."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(STOP_S)
            self._thread = None
        if self._player is not None:
            self._player.close()
            self._player = None
        if self._source is not None:
            self._source.close()

    # -- the capture thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stop.is_set():
            self._pump()
            if self.health is SourceHealth.ENDED:
                return
            if self.health is SourceHealth.LOST and self._reopen is not None:
                self._recover()

    def _pump(self) -> None:
        """Move one block on, and note how the source does."""
        assert self._source is not None
        block = self._source.read(READ_S)
        self._note(self._source.health())
        if block is None or self.health is SourceHealth.LOST:
            return
        self._meter.push(block.samples, block.sample_rate_hz)
        if self._player is not None:
            self._player.write(block)
        self._ring.put(block)

    def _recover(self) -> None:
        """Open the same device again and again, 0.5 to 5 s apart, until it is back."""
        assert self._source is not None and self._reopen is not None
        self._meter.reset()
        self._source.close()  # at once: what it delivers now may be another device's sound
        retry_s = FIRST_RETRY_S
        while not self._stop.wait(retry_s):
            if hangs():
                self._message = "the sound system hangs: this process has to start again"
                continue
            try:
                source = self._reopen()
            except LivedanceError as error:
                LOG.debug("audio: %s", error)
                self._message = f"{self.info.name} is not there: the dance goes on by itself; trying again"
                retry_s = min(2 * retry_s, LONGEST_RETRY_S)
                continue
            self._source, self.info = source, source.info
            if self._waits_for_block():
                self.n_reopened += 1
                LOG.info("audio: %s is back", self.info.name)
                return
            retry_s = min(2 * retry_s, LONGEST_RETRY_S)

    def _waits_for_block(self) -> bool:
        """Pump until the reopened device delivers; False when it does not."""
        while not self._stop.is_set():
            self._pump()
            if self.health is SourceHealth.LOST:
                assert self._source is not None
                self._source.close()
                return False
            if self.health is not SourceHealth.OPENING:
                return True
        return True

    def _open_player(self) -> None:
        assert self._source is not None
        player = Player(self._config.play)
        try:
            latency_s = player.open(self.info)
        except AudioError:
            self._source.close()
            raise
        self._player = player
        if latency_s > 0:  # a block is written when its last sample is due
            self.heard_after_s = latency_s + played_block(self._config) / self.info.sample_rate_hz

    def _note(self, health: SourceHealth) -> None:
        if health is self.health:
            return
        self.health = health
        self._message = {
            SourceHealth.LOST: f"{self.info.name} is lost: the dance goes on by itself; opening it again",
            SourceHealth.REFUSED: f"the system keeps {self.info.name} from this program: allow the microphone",
            SourceHealth.SUSPECT: f"{self.info.name} delivers nothing but zeros: is something muted?",
        }.get(health, "")
        log = LOG.warning if health in (SourceHealth.LOST, SourceHealth.REFUSED) else LOG.info
        log("audio: %s is %s", self.info.name, health.value)
