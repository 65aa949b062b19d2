"""Many score viewers at once: how late the score reaches them, what it costs, and whether a bad one harms the others.

The viewers are plain sockets in one process of their own, so that what is measured is the server, not a client library.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import numpy as np

from livedance.evaluation import report
from livedance.evaluation.kills import socket_url
from livedance.evaluation.show_process import BenchError, ShowProcess, cpu_s, family

SETTLE_S: Final = 3.0
"""Left out at first: everybody is brought up to date."""
JOIN: Final = 100
"""Viewers that come at the same time."""
STALLED: Final = 4
FLOOD_PER_S: Final = 4_000
REPORT_S: Final = 2.0
CLOCK, WINDOW, BATCH = 0x12, 0x13, 0x1F
OSC_HZ: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One company of viewers."""

    viewers: int
    beside: str
    """Who else was there: nobody, stalled viewers, a flood of pings."""
    age_p50_ms: float
    """From when the stage had a window until a viewer has read it."""
    age_p99_ms: float
    lead_least_beats: float
    """Least time that a window came before its first sample."""
    lost: int
    """Viewers that were cut off."""
    herald_cores: float
    osc_jitter_p99_ms: float
    messages_per_s: float


@dataclass(slots=True)
class _Seen:
    """What all viewers of one row saw, from `after_s` (machine time) on."""

    to_show_s: float
    after_s: float
    ages_s: list[float] = field(default_factory=list)
    leads: list[float] = field(default_factory=list)
    messages: int = 0
    lost: int = 0
    clock: tuple[float, float, float, float, float] | None = None
    """t_s, beat_position, beats_per_s, dance_offset, dance_ratio."""

    def take(self, data: bytes | memoryview) -> None:
        """Take one binary message that has just come."""
        now_s = time.monotonic()
        kind = data[0]
        if kind == BATCH:
            data, kind = data[20:], data[20]
        if kind == CLOCK:
            t_s, position, rate, offset = struct.unpack_from("<dddd", data, 8)
            (ratio,) = struct.unpack_from("<f", data, 56)
            self.clock = (t_s, position, rate, offset, ratio)
        if now_s < self.after_s:
            return
        self.messages += 1
        show_s = now_s + self.to_show_s
        if kind == WINDOW and self.clock is not None:
            self.ages_s.append(show_s - struct.unpack_from("<d", data, 8)[0])
            t_s, position, rate, offset, ratio = self.clock
            dance = offset + ratio * (position + (show_s - t_s) * rate)
            self.leads.append(struct.unpack_from("<d", data, 16)[0] - dance)


class _Viewer(asyncio.Protocol):
    """A score client: joins, reads, answers pings, reports; nothing else."""

    def __init__(self, host: str, seen: _Seen) -> None:
        self._host, self._seen = host, seen
        self._buffer = bytearray()
        self._is_open = False
        self.transport: asyncio.Transport | None = None
        self.is_wanted = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        lines = (
            "GET /ws HTTP/1.1", f"Host: {self._host}", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: livedance.v1", "", "",
        )  # fmt: skip
        transport.write("\r\n".join(lines).encode())

    def connection_lost(self, error: Exception | None) -> None:
        if self.is_wanted:
            self._seen.lost += 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_open:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            del self._buffer[: end + 4]
            self._is_open = True
            self.say(0x1, json.dumps({"type": "hello", "want": ["score"], "name": "fanout"}).encode())
        self._read()

    def say(self, opcode: int, payload: bytes) -> None:
        """Send one frame; a mask of zeros is a mask."""
        if self.transport is None or self.transport.is_closing():
            return
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        self.transport.write(bytes([0x80 | opcode]) + size + bytes(4) + payload)

    def _read(self) -> None:
        buffer, at = self._buffer, 0
        while len(buffer) - at >= 2:
            size, start = buffer[at + 1] & 0x7F, at + 2
            if size >= 126:
                width = 2 if size == 126 else 8
                size, start = int.from_bytes(buffer[start : start + width], "big"), start + width
            if len(buffer) < start + size:
                break
            opcode = buffer[at] & 0x0F
            if opcode == 0x2:
                self._seen.take(bytes(buffer[start : start + size]))
            elif opcode == 0x9:
                self.say(0xA, bytes(buffer[start : start + size]))
            at = start + size
        del buffer[:at]


class _OscEar:
    """Notes when OSC frames come. Its own thread."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self.port = int(self._socket.getsockname()[1])
        self._times: list[float] = []
        self._stopped = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def jitter_p99_ms(self, from_s: float, to_s: float) -> float:
        """Return how far the gaps between frames are from even, between two machine times."""
        times = np.array([t for t in self._times if from_s <= t <= to_s])
        # Several datagrams make a frame: those that follow at once belong to it.
        frames = times[np.concatenate([[True], np.diff(times) > 0.25 / OSC_HZ])] if len(times) > 2 else times
        gaps = np.diff(frames)
        return float(np.quantile(np.abs(gaps - 1.0 / OSC_HZ), 0.99) * 1e3) if len(gaps) > 10 else float("nan")

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(TimeoutError):
                self._socket.recv(2_048)
                self._times.append(time.monotonic())
        self._socket.close()


def run(viewers: int, seconds: float, out: Path | None) -> list[Row]:
    """Run the demo show with one viewer, then `viewers`, then the same beside bad ones; write the report, if wanted."""
    _allow_sockets(2 * viewers + 200)
    ear = _OscEar()
    options = ["--audio", "demo", "--play", "off", "--no-window", "--web", "127.0.0.1:0", "--osc-in", "off"]
    rows: list[Row] = []
    try:
        with ShowProcess([*options, "--osc", f"default=127.0.0.1:{ear.port}", "--seed", "1"]) as show:
            show.wait_for("beat", 30.0)
            url = socket_url(show.wait_for("url", 10.0))
            herald = next((pid for pid, role in family(show.pid).items() if role == "herald"), None)
            if herald is None:
                raise BenchError("the show has no herald")
            for count, beside in ((1, "nobody"), (viewers, "nobody"), (viewers, "stalled"), (viewers, "pings")):
                rows.append(asyncio.run(_row(url, herald, ear, count, beside, seconds)))
    finally:
        ear.stop()
    report.write(out, "Many viewers", _explanation(viewers, seconds), {"rows": rows}, [_table(rows)])
    return rows


async def _row(url: str, herald: int, ear: _OscEar, count: int, beside: str, seconds: float) -> Row:
    host = urlsplit(url).netloc
    address, _, port = host.partition(":")
    loop = asyncio.get_running_loop()
    seen = _Seen(await _to_show_s(url), float("inf"))
    crowd: list[_Viewer] = []
    for first in range(0, count, JOIN):
        joining = [
            loop.create_connection(lambda: _Viewer(host, seen), address, int(port))
            for _ in range(min(JOIN, count - first))
        ]
        crowd += [viewer for _, viewer in await asyncio.gather(*joining)]
        await asyncio.sleep(0.1)
    bad = asyncio.create_task(_misbehave(beside, host, address, int(port)))
    await asyncio.sleep(SETTLE_S)
    start_s, start_cpu = time.monotonic(), cpu_s(herald)
    seen.after_s = start_s
    end_s = start_s + seconds
    while time.monotonic() < end_s:
        await asyncio.sleep(REPORT_S)
        for viewer in crowd:
            viewer.say(0x1, b'{"type":"report","fps":60}')
    span_s, used_s = time.monotonic() - start_s, cpu_s(herald) - start_cpu
    bad.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await bad
    for viewer in crowd:
        viewer.is_wanted = False
        if viewer.transport is not None:
            viewer.transport.abort()
    await asyncio.sleep(0.5)
    ages = np.array(seen.ages_s or [float("nan")])
    return Row(
        viewers=count,
        beside=beside,
        age_p50_ms=1e3 * float(np.median(ages)),
        age_p99_ms=1e3 * float(np.quantile(ages, 0.99)),
        lead_least_beats=min(seen.leads, default=float("nan")),
        lost=seen.lost,
        herald_cores=used_s / span_s,
        osc_jitter_p99_ms=ear.jitter_p99_ms(start_s, start_s + span_s),
        messages_per_s=seen.messages / span_s,
    )


async def _to_show_s(url: str) -> float:
    """Return show time minus machine time, by the quickest of some pings."""
    from websockets.asyncio.client import connect
    from websockets.typing import Subprotocol

    best = (float("inf"), 0.0)
    async with connect(url, subprotocols=[Subprotocol("livedance.v1")], compression=None) as client:
        await client.send(json.dumps({"type": "hello", "want": ["beat"]}))
        for _ in range(12):
            sent_s = time.monotonic()
            await client.send(json.dumps({"type": "ping", "t0": sent_s}))
            while True:
                message = await client.recv()
                if isinstance(message, str) and (told := json.loads(message))["type"] == "pong":
                    break
            trip_s = time.monotonic() - sent_s
            best = min(best, (trip_s, float(told["t1"]) - sent_s - 0.5 * trip_s))
            await asyncio.sleep(0.06)
    return best[1]


async def _misbehave(how: str, host: str, address: str, port: int) -> None:
    """Be a bad neighbour until cancelled: viewers that never read, or one that asks all the time."""
    loop = asyncio.get_running_loop()
    nobody = _Seen(0.0, float("inf"))
    if how == "stalled":
        for _ in range(STALLED):
            transport, _ = await loop.create_connection(lambda: _Viewer(host, nobody), address, port)
            await asyncio.sleep(0.2)
            transport.pause_reading()
        await asyncio.sleep(3_600.0)
    while how == "pings":
        _, viewer = await loop.create_connection(lambda: _Viewer(host, nobody), address, port)
        # The server may cut it off: then it comes again.
        while viewer.transport is not None and not viewer.transport.is_closing():
            for _ in range(FLOOD_PER_S // 100):
                viewer.say(0x9, b"?")
            await asyncio.sleep(0.01)


def _allow_sockets(count: int) -> None:
    if os.name == "posix":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < count:
            resource.setrlimit(resource.RLIMIT_NOFILE, (count if hard < 0 else min(count, hard), hard))


def _table(rows: Sequence[Row]) -> str:
    head = [
        "viewers", "beside", "age p50 ms", "age p99 ms", "least lead, beats", "cut off", "herald, cores",
        "OSC jitter p99 ms", "messages/s",
    ]  # fmt: skip
    return report.table(
        head,
        [
            [r.viewers, r.beside, r.age_p50_ms, r.age_p99_ms, r.lead_least_beats, r.lost, r.herald_cores,
             r.osc_jitter_p99_ms, r.messages_per_s]
            for r in rows
        ],
    )  # fmt: skip


def _explanation(viewers: int, seconds: float) -> str:
    return (
        f"`livedance bench fanout`: the demo show and {viewers} score viewers on loopback, {seconds:g} s a row. Age is "
        "from when the stage had a window until a viewer has read it (the one process of all viewers included); lead "
        "is from a window's arrival until its first sample is danced. Beside them: nobody; "
        f"{STALLED} viewers that never read; one that sends {FLOOD_PER_S} pings a second. Goals: age p99 ≤ 50 ms, lead "
        "≥ 0.25 beat, herald ≤ 0.5 core, OSC jitter unchanged."
    )
