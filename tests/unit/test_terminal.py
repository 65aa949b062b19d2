"""The first screen: what it says in words, and that a full disk and a lost brain are among it."""

import io
from types import SimpleNamespace
from typing import Any

from rich.console import Console

from livedance import terminal
from livedance.mailbox import Ring
from livedance.messages import ClockState, Command, LockState

FULL = {"path": "tonight.ldrec", "written": 7, "lost": 3, "error": "No space left on device"}


def feed(**stats: Any) -> Any:
    audio = {"name": "USB Audio", "host_api": "ALSA", "health": "ok", "title": ""}
    return SimpleNamespace(
        state={"audio": audio, "message": ""},
        stats={"audio": {"level_db": -12.0, "lost_samples": 512}, **stats},
        clock=ClockState(state=LockState.LOCKED),
        now=lambda: 1.0,
    )


def test_plain_lines_say_each_fact_once() -> None:
    out = io.StringIO()
    lines = terminal.PlainLines(out, as_json=False)
    for heard in (feed(), feed(), feed(recording=FULL, standby=True), feed(recording=FULL, standby=True)):
        lines.show(terminal.describe(heard), heard)
    said = out.getvalue().splitlines()
    assert len(said) == len(set(said)) == 4
    assert said[0] == "hear    USB Audio (ok)" and said[1].startswith("beat    sure")
    assert terminal.STANDBY in said
    assert "recording to tonight.ldrec fails (No space left on device): the show goes on without it" in said


def test_the_full_screen_shows_faults_and_drops() -> None:
    screen = terminal.Dashboard.__new__(terminal.Dashboard)
    screen._has_figures = True
    screen._live = SimpleNamespace(console=Console(width=150, height=20))  # type: ignore[assignment]
    clients = {"all": 3, "score": 2, "levels": 2, "image": 1, "control": 1}
    heard = feed(recording=FULL, standby=True, processes={"herald": {"clients": clients}})
    out = io.StringIO()
    Console(file=out, width=160).print(screen._screen(terminal.describe(heard), heard))
    text = out.getvalue()
    for words in (
        "USB Audio",
        "-12 dB",
        "drops 512 audio samples, 3 records",
        "7 records",
        "3 viewers",
        terminal.STANDBY,
    ):
        assert words in text, text
    assert "No space left on device" in text
    screen.info(heard)
    Console(file=(hidden := io.StringIO()), width=160).print(screen._screen(terminal.describe(heard), heard))
    assert "3 viewers" not in hidden.getvalue() and "USB Audio" in hidden.getvalue()


def test_keys_act_on_terminal_window_and_show() -> None:
    sent: list[Command] = []
    heard = feed()
    heard.command = sent.append
    out, pressed, stopped = io.StringIO(), Ring[str](8), []
    life = SimpleNamespace(board=SimpleNamespace(ask_stop=lambda: stopped.append(True)))
    for key in ("i", "F", "b", "é", "ctrl+q"):
        pressed.put(key)
    terminal._press(pressed, heard, life, terminal.PlainLines(out, as_json=False))  # type: ignore[arg-type]
    assert [command.op for command in sent] == ["fullscreen", "toggle"] and stopped == [True]
    assert "0 viewers" in out.getvalue()
