"""The first screen: what I hear, the beat, where to look, how to change the device; then figures, keys, messages.

A process of its own, so that a slow terminal never delays the dance. Without a terminal (or with --no-tui) it prints
the same facts as plain lines when they change; with --log-json as JSON lines.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any, Final, TextIO

from livedance import show as shows
from livedance.control.keymap import command_for, lookup
from livedance.control.ops import WINDOW_ACTS
from livedance.control.terminal import TerminalKeys
from livedance.desktop import has_desktop, open_page
from livedance.feed import Feed
from livedance.mailbox import Ring
from livedance.messages import Command
from livedance.process import Life

REFRESH_S: Final = 0.125
PLAIN_S: Final = 0.25
STANDBY: Final = "the brain is late or gone: the dance goes on without it"
KEYS_LINE: Final = (
    "space tap   H half a beat   R one   B blackout   Z freeze   X hit   D demo   I figures   Ctrl-Q quit"
)
KEYS_WAITING: Final = 64
"""Keys between two looks; of a flood (a pasted text) the oldest are lost."""
SOURCES: Final = ("audio", "Ableton Link", "MIDI clock", "OSC", "tap", "free run")
STATES: Final = ("searching", "sure", "free-wheeling", "external")


def describe(feed: Feed) -> dict[str, Any]:
    """Return what the first screen says, as plain values."""
    audio = feed.state.get("audio", {})
    herald = feed.stats.get("processes", {}).get("herald", {})
    clock = feed.clock
    return {
        "hear": audio.get("name", "opening ..."),
        "host_api": audio.get("host_api", ""),
        "health": audio.get("health", "opening"),
        "title": audio.get("title", ""),
        "level_db": feed.stats.get("audio", {}).get("level_db"),
        "bpm": round(clock.tempo_bpm, 1),
        "beat": STATES[int(clock.state)],
        "source": SOURCES[int(clock.source)],
        "section": clock.section.name.lower(),
        "url": herald.get("url", ""),
        "clients": herald.get("clients", {}),
        "message": feed.state.get("message", ""),
        "standby": bool(feed.stats.get("standby")),
        "recording": feed.stats.get("recording"),
        "recording_fault": _recording_fault(feed.stats.get("recording") or {}),
    }


def _recording_fault(recording: dict[str, Any]) -> str:
    """Return the sentence about a recording that cannot be written, or nothing."""
    if not recording.get("error"):
        return ""
    return f"recording to {recording['path']} fails ({recording['error']}): the show goes on without it"


class PlainLines:
    """Prints facts when they change; for pipes, services and logs."""

    WATCHED: Final = ("hear", "health", "title", "beat", "url", "message", "standby", "recording_fault")

    def __init__(self, out: TextIO, as_json: bool) -> None:
        self._out, self._as_json = out, as_json
        self._last: dict[str, Any] = {}

    def show(self, facts: dict[str, Any], feed: Feed) -> None:
        """Print what is new."""
        if self._as_json:
            changed = {k: v for k, v in facts.items() if self._last.get(k) != v and k in self.WATCHED}
            if changed:
                self._print(json.dumps({"t_s": round(feed.clock.t_s, 3), **changed, "bpm": facts["bpm"]}))
        else:
            for key, text in self._sentences(facts).items():
                if text and self._last.get(f"said_{key}") != text:
                    self._print(text)
                facts[f"said_{key}"] = text or self._last.get(f"said_{key}")
        self._last = facts

    def _sentences(self, facts: dict[str, Any]) -> dict[str, str]:
        sentences = {"url": f"look    {facts['url']}" if facts["url"] else ""}
        if facts["health"] != "opening":
            title = f", playing {facts['title']}" if facts["title"] else ""
            sentences["hear"] = f"hear    {facts['hear']} ({facts['health']}{title})"
        if facts["beat"] != "searching":
            sentences["beat"] = f"beat    {facts['beat']}, from {facts['source']}"
        sentences["message"] = facts["message"]
        sentences["standby"] = STANDBY if facts["standby"] else ""
        sentences["recording"] = facts["recording_fault"]
        return sentences

    def info(self, feed: Feed) -> None:
        """Print the figures once (key I)."""
        if not self._as_json:
            self._print(f"show    {_figures(feed)}")

    def _print(self, text: str) -> None:
        print(text, file=self._out, flush=True)

    def close(self) -> None:
        """Nothing to put back."""


class Dashboard:
    """The full screen of a terminal, drawn by rich."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._live = Live(console=Console(), refresh_per_second=1 / REFRESH_S, transient=False, auto_refresh=False)
        self._live.start()
        self._qr: tuple[str, str] = ("", "")
        self._has_figures = True

    def show(self, facts: dict[str, Any], feed: Feed) -> None:
        """Draw everything anew."""
        self._live.update(self._screen(facts, feed), refresh=True)

    def info(self, feed: Feed) -> None:
        """Show or hide the figures (key I)."""
        self._has_figures = not self._has_figures

    def _screen(self, facts: dict[str, Any], feed: Feed) -> Any:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        rows = Table.grid(padding=(0, 2))
        rows.add_column(style="bold cyan", justify="right")
        rows.add_column()
        health = facts["health"]
        title = f"  {facts['title']}" if facts["title"] else ""
        hear = Text(f"{facts['hear']}{title}  ", style="bold" if health == "ok" else "bold red")
        hear.append(_meter(facts["level_db"]) + ("" if health == "ok" else f"  {health}"))
        rows.add_row("hear", hear)
        rows.add_row("beat", _beat_line(facts, feed))
        rows.add_row("look", Text(facts["url"] or "opening ...", style="bold underline"))
        rows.add_row("device", "livedance devices   then   livedance run --device NAME")
        if self._has_figures:
            rows.add_row("show", _figures(feed))
        rows.add_row("keys", KEYS_LINE)
        parts: list[Any] = [rows]
        if facts["recording"]:
            rows.add_row("record", Text(f"{facts['recording']['path']}   {facts['recording']['written']} records"))
        for warning in (facts["message"], STANDBY if facts["standby"] else "", facts["recording_fault"]):
            if warning:
                parts.append(Text(warning, style="bold yellow"))
        if self._live.console.height > 32 and facts["url"]:
            parts.append(Text(self._qr_of(facts["url"])))
        return Group(*parts)

    def _qr_of(self, url: str) -> str:
        if self._qr[0] != url:
            self._qr = (url, _qr_text(url))
        return self._qr[1]

    def close(self) -> None:
        """Give the terminal back."""
        self._live.stop()


def _meter(level_db: float | None, width: int = 20) -> str:
    if level_db is None:
        return ""
    filled = round(width * min(1.0, max(0.0, (level_db + 60.0) / 60.0)))
    return "▮" * filled + "▯" * (width - filled) + f" {level_db:.0f} dB"


def _beat_line(facts: dict[str, Any], feed: Feed) -> str:
    clock = feed.clock
    position = clock.position_at(feed.now())
    in_bar = int(position - clock.bar_start_beat) % max(1, clock.meter)
    lights = " ".join("●" if i == in_bar and position % 1.0 < 0.35 else "○" for i in range(clock.meter))
    return f"{lights}   {facts['bpm']:.1f} BPM   {facts['beat']}   {facts['source']}   {facts['section']}"


def _figures(feed: Feed) -> str:
    processes = feed.stats.get("processes", {})
    brain, window = processes.get("brain", {}), processes.get("window", {})
    osc = feed.stats.get("osc", {})
    clients = processes.get("herald", {}).get("clients", {})
    parts = [
        f"hop {brain.get('step_ms_p50', 0):.1f}/{brain.get('step_ms_p99', 0):.1f} ms",
        f"age {brain.get('age_ms_p50', 0):.0f}/{brain.get('age_ms_p99', 0):.0f} ms",
        f"osc late {osc.get('late_ms_p50', 0):.1f}/{osc.get('late_ms_p99', 0):.1f} ms",
    ]
    if window:
        parts.append(f"draw {window.get('draw_ms_p50', 0):.1f}/{window.get('draw_ms_p99', 0):.1f} ms")
        parts.append(f"{window.get('fps', 0):.0f} fps")
    parts.append(f"{clients.get('all', 0)} viewers")
    lost = {
        "OSC": osc.get("errors", 0),
        "audio samples": feed.stats.get("audio", {}).get("lost_samples", 0),
        "records": (feed.stats.get("recording") or {}).get("lost", 0),
    }
    parts.append("drops " + (", ".join(f"{n} {what}" for what, n in lost.items() if n) or "0"))
    return "   ".join(parts) + "   (p50/p99)"


def _qr_text(url: str) -> str:
    import io

    import segno

    text = io.StringIO()
    segno.make(url, error="l").terminal(out=text, compact=True)
    return text.getvalue()


def run(show: shows.Show, life: Life, out: TextIO) -> None:
    """Show the first screen until the show ends."""
    feed = Feed(show, "terminal", plays=False)
    pressed: Ring[str] = Ring(KEYS_WAITING)
    keys = TerminalKeys(pressed.put)
    ui = show.config.ui
    full = ui.tui and not ui.log_json and out.isatty()
    screen: Dashboard | PlainLines = Dashboard() if full else PlainLines(out, ui.log_json)
    if not ui.log_json:
        keys.start()
    try:
        while life.goes_on():
            feed.update()
            _press(pressed, feed, life, screen)
            facts = describe(feed)
            screen.show(facts, feed)
            _open_page_once(show, facts["url"])
            time.sleep(REFRESH_S if full else PLAIN_S)
    finally:
        screen.close()
        keys.stop()
        feed.close()


def _open_page_once(show: shows.Show, url: str) -> None:
    """Open the page by itself where there is a desktop; not again when this process was restarted."""
    mark = show.folder / "page-opened"
    wanted = show.config.web.open_browser
    if not url or wanted == "off" or (wanted == "auto" and not has_desktop()) or mark.exists():
        return
    mark.touch()
    open_page(url)


def _press(pressed: Ring[str], feed: Feed, life: Life, screen: Dashboard | PlainLines) -> None:
    while (key := pressed.take()) is not None:
        found = lookup(key)
        op = found.op if found is not None else ""
        if op == "quit":
            life.board.ask_stop()
        elif op == "info":
            screen.info(feed)
        elif op in WINDOW_ACTS:
            # A terminal has no full screen of its own: the window that it belongs to has.
            feed.command(Command(op=op, source="terminal"))
        elif (command := command_for(key, source="terminal")) is not None:
            feed.command(command)


def main(show: shows.Show, life: Life) -> int:
    """Run the terminal process."""
    run(show, life, sys.stdout)
    return 0
