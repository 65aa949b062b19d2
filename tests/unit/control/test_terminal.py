"""Keys from a real pseudo-terminal, and the terminal put back afterwards."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import textwrap
import time

import pytest

from livedance.control.terminal import TerminalKeys, key_names


def test_typed_characters_become_key_names() -> None:
    assert key_names("B [") == ["b", " ", "["]
    assert key_names("\x11") == ["ctrl+q"]
    assert key_names("\x1b[A") == key_names("\r\n\t") == []


def test_without_a_terminal_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("b"))
    keys = TerminalKeys(lambda name: pytest.fail(name))
    assert not keys.start()
    keys.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_keys_arrive_one_by_one_and_the_terminal_is_restored() -> None:
    import pty
    import termios

    child = textwrap.dedent(
        """
        import os, sys, termios, threading
        from livedance.control.terminal import TerminalKeys
        before = termios.tcgetattr(0)
        names, done = [], threading.Event()
        def on_key(name):
            names.append(name)
            if name == "ctrl+q": done.set()
        keys = TerminalKeys(on_key)
        assert keys.start()
        print("READY", flush=True)
        done.wait(20)
        keys.stop(); keys.stop()
        assert termios.tcgetattr(0) == before, "not restored"
        print("GOT", names, flush=True)
        """
    )
    parent, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", child],
        stdin=terminal, stdout=terminal, stderr=terminal, close_fds=True, start_new_session=True,
        preexec_fn=lambda: __import__("fcntl").ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(terminal)
    said = ""
    end = time.monotonic() + 20
    while not said.rstrip().endswith("]") and time.monotonic() < end:
        try:
            said += os.read(parent, 1024).decode()
        except OSError:
            break
        if "READY" in said and "SENT" not in said:
            os.write(parent, b"b ")
            time.sleep(0.3)
            os.write(parent, b"\x1b[A")
            time.sleep(0.3)
            os.write(parent, b"\x11")
            said += "SENT"
    process.wait(20)
    os.close(parent)
    assert "GOT ['b', ' ', 'ctrl+q']" in said, said
