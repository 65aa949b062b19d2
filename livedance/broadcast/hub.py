"""Fan-out: every message of the show to every client that wants it. One thread: the server's loop."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any, Final

from websockets.asyncio.server import broadcast

from livedance.broadcast import limits, text, wire
from livedance.broadcast.client import Client
from livedance.broadcast.metrics import Counters, numbers
from livedance.broadcast.score_store import ScoreStore
from livedance.errors import WireError
from livedance.messages import SAMPLES_PER_BEAT

log = logging.getLogger(__name__)

_KINDS: Final = {cls.LAYOUT.code: name for name, cls in (
    ("pose", wire.Pose), ("beat", wire.Beat), ("clock", wire.Clock), ("score", wire.Window),
    ("levels", wire.Levels), ("image", wire.Image),
)}  # fmt: skip
_POSE: Final = wire.Pose.LAYOUT.code
WANTS: Final = frozenset({"score", "beat", "pose", "levels", "image", "stats"})


class Hub:
    """Who listens and what they get."""

    def __init__(
        self,
        *,
        caps: limits.Caps,
        session: str,
        boot: str,
        now: Callable[[], float],
        on_clients: Callable[[dict[str, int]], None],
    ) -> None:
        self.store = ScoreStore()
        self.counters = Counters()
        self.stats: dict[str, Any] = {}
        self.presets: dict[str, Any] | None = None
        """What controllers who join now are told about the presets; None until the stage has spoken."""
        self.session = session
        self._caps, self._boot, self._now = caps, boot, now
        self._on_clients = on_clients
        self._clients: set[Client] = set()

    def __iter__(self) -> Iterator[Client]:
        """Iterate over the clients there are now."""
        return iter(tuple(self._clients))

    def counts(self) -> dict[str, int]:
        """Return how many clients want what. Any thread."""
        kinds = ("score", "pose", "levels", "image")
        clients = tuple(self._clients)
        out = {kind: sum(kind in c.wants for c in clients) for kind in kinds}
        return {"all": len(clients), **out, "control": sum(c.may_control for c in clients)}

    def admit(self, client: Client, wants: frozenset[str], *, may_control: bool) -> bool:
        """Give `client` what is left of what it wants and bring it up to date; False when nothing is left."""
        counts = self.counts()
        wants &= WANTS
        granted = frozenset(w for w in wants if counts.get(w, 0) < self._caps.of(w))
        if counts["all"] >= self._caps.score or (wants and not granted):
            self.counters.add("rejected", "full")
            return False
        client.wants = granted
        client.may_control = may_control and counts["control"] < self._caps.control
        self._clients.add(client)
        self._welcome(client)
        self._on_clients(self.counts())
        return True

    def allow_control(self, client: Client) -> bool:
        """Let a client that has shown the token control the show; False when enough others do."""
        if not client.may_control:
            client.may_control = self.counts()["control"] < self._caps.control
            self._tell_presets(client)
        return client.may_control

    def leave(self, client: Client) -> None:
        """Forget a client."""
        if client in self._clients:
            self._clients.discard(client)
            self._on_clients(self.counts())

    def publish(self, message: bytes) -> None:
        """Send one wire message (or a batch of them) to everyone who wants its kind; bad ones are counted."""
        try:
            for record in wire.split(message):
                self._publish_one(record)
        except WireError as error:
            self.counters.add("malformed", "stage")
            log.warning("the show sent an odd message: %s", error)

    def _publish_one(self, message: bytes) -> None:
        kind = _KINDS.get(message[0], "")
        if kind == "clock":
            self.store.take_clock(message)
        elif kind == "score":
            self.store.take_window(message, self._now())
        elif not kind:
            raise WireError(f"message type 0x{message[0]:02x} is not known")
        self._fan_out(kind, message)

    def set_state(self, state: dict[str, Any]) -> None:
        """Replace the sticky state and tell everyone."""
        self.store.set_state(state)
        self.session = str(state.get("session", self.session))
        broadcast([c.connection for c in self._clients], self.store.state_text)

    def set_stats(self, stats: dict[str, Any]) -> None:
        """Keep the show's numbers for `/metrics` and send them to those who want them."""
        self.stats = numbers(stats)
        message = text.dump("stats", {**self.stats, "clients": self.counts()})
        for client in self:
            if "stats" in client.wants and client.unsent <= limits.SKIP_BYTES:
                client.send_text(message)

    def set_presets(self, presets: dict[str, Any]) -> None:
        """Tell those who may control the show which presets there are, and once what has just been done with them."""
        self.presets = {key: value for key, value in presets.items() if key != "done"}
        for client in self:
            if client.may_control:
                client.send_text(text.dump("presets", presets))

    def _tell_presets(self, client: Client) -> None:
        if client.may_control and self.presets is not None:
            client.send_text(text.dump("presets", self.presets))

    def drop_stalled(self, passed_s: float) -> None:
        """Cut clients that take nothing any more. Called about once a second."""
        for client in self:
            if not client.check_progress(passed_s):
                self.counters.add("closed", "stalled")
                client.abort()

    def _fan_out(self, kind: str, message: bytes) -> None:
        sent = dropped = 0
        for client in self:
            if not _wants(client, kind):
                continue
            if self._deliver(client, kind, message):
                sent += 1
            else:
                dropped += 1
        self.counters.add("sent", kind, sent)
        self.counters.add("sent_bytes", kind, sent * len(message))
        if dropped:
            self.counters.add("dropped", kind, dropped)

    def _deliver(self, client: Client, kind: str, message: bytes) -> bool:
        if kind == "image":
            return client.offer_image(message)
        if kind == "pose" and client.is_behind(_POSE):
            return False
        if kind in ("pose", "levels"):
            return client.send_newest(message)
        client.send_record(message)
        return True

    def _welcome(self, client: Client) -> None:
        now_s = self._now()
        client.send_text(
            text.welcome(
                session=self.session,
                boot=self._boot,
                server_s=now_s,
                state=self.store.state,
                granted=sorted(client.wants),
                control=client.may_control,
                samples_per_beat=SAMPLES_PER_BEAT,
            )
        )
        if self.store.clock is not None:
            client.send_record(self.store.clock)
        client.send_text(self.store.state_text)
        self._tell_presets(client)
        windows = self.store.windows(now_s) if "score" in client.wants else []
        for group in _groups(windows, limits.BATCH_BYTES):
            client.send_record(wire.encode_batch([client.stamped(w) for w in group], t_s=now_s))


def _groups(messages: list[bytes], size: int) -> Iterator[list[bytes]]:
    """Yield `messages` in runs of at most `size` bytes (or of one message)."""
    group: list[bytes] = []
    for message in messages:
        if group and sum(map(len, group)) + len(message) > size:
            yield group
            group = []
        group.append(message)
    if group:
        yield group


def _wants(client: Client, kind: str) -> bool:
    """Return whether `client` gets messages of `kind`: the clock goes to all, beats to all who play the score."""
    return kind == "clock" or kind in client.wants or (kind == "beat" and "score" in client.wants)
