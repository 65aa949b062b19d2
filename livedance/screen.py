"""A screen on one page: score player -> look -> flash limiter and blackout -> window.

Plays the score at now + this screen's own delay at its own rate. Obeys its own B key whatever hangs elsewhere, and goes
on by itself when it hears no clock.
"""

from __future__ import annotations

import sys
from typing import Final

from livedance import show as shows
from livedance.control.keymap import command_for, lookup
from livedance.errors import LivedanceError
from livedance.feed import Feed
from livedance.pace import Pace
from livedance.process import NOT_HERE, Life
from livedance.surface import open_surface
from livedance.telemetry import Telemetry

REPORT_S: Final = 1.0
SMOOTHING: Final = 0.05
EARLY: Final = 0.85
"""Share of a picture's time after which the next is begun where the window waits for the display."""


class WindowScreen:
    """The window or the projector of this machine. Main thread (toolkits demand it)."""

    def __init__(self, show: shows.Show, life: Life) -> None:
        self._config = show.config.window
        self._life, self._clock = life, show.clock
        self._feed = Feed(show, "window")
        self._surface = open_surface(self._config, show.config.look)
        self._window = self._surface.window
        self._pace = Pace(self._config.fps)
        self._telemetry = Telemetry()
        self._info = False
        self._frames = 0
        self._work_s = 1.0 / self._config.fps
        """Usual time from asking for a pose to its picture on the screen; what comes after is `delay_ms`."""
        self._report_s = self._clock.now()

    def run(self) -> None:
        """Draw until the show ends or the person closes the window."""
        due = self._clock.now()
        try:
            while self._life.goes_on() and not self._window.closed:
                start = self._clock.now()
                self._frame(start + self._work_s)
                self._work_s += SMOOTHING * (self._clock.now() - start - self._work_s)
                period = self._pace.period_s
                # A window that waits for the display keeps the time by itself: come early, and it does.
                due = start + EARLY * period if self._surface.paces else due + period
                due = max(due, self._clock.now() - period)
                self._clock.sleep(due - self._clock.now())
        finally:
            self._surface.close()
            self._feed.close()

    def _frame(self, shown_s: float) -> None:
        """Draw the picture whose light leaves at `shown_s` + the screen's own delay."""
        self._feed.update()
        state = self._feed.state
        self._feed.player.delay_s = self._config.delay_ms / 1e3 + self._feed.delay_s("window")
        t_s = shown_s + self._feed.player.delay_s
        info = self._info_lines() if self._info else ()
        size = self._pace.size(self._window.size)
        worked_s = self._surface.show(self._feed.pose_at(t_s), self._feed.levels, state, t_s, size, info)
        self._telemetry.sample("draw_ms", worked_s * 1e3)
        self._pace.took(worked_s, self._clock.now())
        for key in self._window.poll_keys():
            self._press(key)
        if self._feed.take_acts().count("fullscreen") % 2:
            self._window.toggle_fullscreen()
        self._frames += 1
        if shown_s - self._report_s > REPORT_S:
            fps = self._frames / (shown_s - self._report_s)
            self._report_s, self._frames = shown_s, 0
            flash = self._surface.picture.tamed_flashes()
            self._feed.report(
                {**self._telemetry.snapshot(), "fps": round(fps, 1), "flash": flash, "pace": self._pace.level}
            )

    def _press(self, key: str) -> None:
        found = lookup(key)
        op = found.op if found is not None else ""
        if op == "info":
            self._info = not self._info
        elif op == "quit":
            self._life.board.ask_stop()
        if key == "b":
            # This screen goes dark at once, whatever the stage is doing.
            self._feed.state["blackout"] = not self._feed.state.get("blackout", False)
        command = command_for(key, source="window", output="window")
        if command is not None:
            self._feed.command(command)

    def _info_lines(self) -> tuple[str, ...]:
        clock, times = self._feed.clock, self._telemetry.snapshot()
        beat = "sure" if self._feed.locked else "searching"
        if not self._feed.hears_clock:
            beat = "alone: the stage is silent"
        return (
            f"{clock.tempo_bpm:.1f} BPM  {beat}  {clock.section.name.lower()}",
            f"draw {times.get('draw_ms_p50', 0):.1f} ms  p99 {times.get('draw_ms_p99', 0):.1f} ms",
            str(self._feed.state.get("message", "")),
        )


def main(show: shows.Show, life: Life) -> int:
    """Run the window process; a machine without a display says so and the show goes on."""
    try:
        screen = WindowScreen(show, life)
        screen.run()
    except LivedanceError as error:
        print(f"livedance: no window: {str(error).removeprefix('no window: ')}", file=sys.stderr, flush=True)
        return NOT_HERE
    # A window that a person closed stays closed; while the show goes on nobody opens it again.
    return NOT_HERE
