"""The window on a real X server: opens on the display, shows the picture, reports keys, survives changes."""

import json
import os
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

pytestmark = [
    pytest.mark.display,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Xvfb is for Linux"),
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed (apt-get install xvfb)"),
]

RED = (30, 20, 220)

SHOW = """
import json, sys, time
import numpy as np
from livedance.broadcast.window import Window
window = Window((640, 360), fullscreen={full}, display={display}, title="livedance test")
window.open()
print(json.dumps({{"size": window.size, "full": window.fullscreen}}), flush=True)
end = time.monotonic() + {seconds}
while time.monotonic() < end and not window.closed:
    image = np.empty((window.size[1], window.size[0], 4), np.uint8)
    image[...] = (30, 20, 220, 255)
    window.show(image, {info})
    for key in window.poll_keys():
        print(json.dumps({{"key": key, "size": window.size, "full": window.fullscreen}}), flush=True)
        if key == "ctrl+q":
            end = 0
    time.sleep(0.01)
print(json.dumps({{"errors": window.errors, "closed": window.closed}}), flush=True)
window.close()
window.close()
"""


@pytest.fixture(scope="module")
def xvfb():
    """A server of our own on a free display; ended by its own id."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1000x600x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=(write,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    assert number, "Xvfb did not start"
    yield f":{number}"
    server.terminate()
    server.wait(timeout=10)


def start(display, *, full=False, number=None, seconds=20.0, info=()):
    code = SHOW.format(full=full, display=number, seconds=seconds, info=repr(list(info)))
    env = {**os.environ, "DISPLAY": display}
    env.pop("WAYLAND_DISPLAY", None)
    child = subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, text=True)
    first = child.stdout.readline()
    assert first, "the window did not open"
    return child, json.loads(first)


def screen(display, size=(1000, 600)):
    """The picture on the X server, read by an independent program, (H, W, 3) RGB."""
    raw = subprocess.run(
        ["import", "-display", display, "-window", "root", "-depth", "8", "rgb:-"], capture_output=True, check=True
    ).stdout
    return np.frombuffer(raw, np.uint8).reshape(size[1], size[0], 3)


def wait_for(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def press(display, key):
    subprocess.run(["xdotool", "key", key], env={**os.environ, "DISPLAY": display}, check=True)


def read(child):
    return json.loads(child.stdout.readline())


def finish(child):
    child.terminate()
    child.wait(timeout=10)
    child.stdout.close()


needs_tools = pytest.mark.skipif(
    shutil.which("import") is None or shutil.which("xdotool") is None,
    reason="needs xdotool and imagemagick (apt-get install xdotool imagemagick)",
)


@needs_tools
def test_full_screen_covers_the_display_at_its_own_resolution(xvfb):
    child, opened = start(xvfb, full=True, number=0)
    try:
        assert opened == {"size": [1000, 600], "full": True}
        red = np.array(RED[::-1])
        assert wait_for(lambda: np.abs(screen(xvfb).astype(int) - red).max() <= 2)
    finally:
        finish(child)


@needs_tools
def test_keys_arrive_f_toggles_and_ctrl_q_ends(xvfb):
    child, opened = start(xvfb)
    try:
        assert opened == {"size": [640, 360], "full": False}
        assert wait_for(lambda: (screen(xvfb)[..., 0] > 200).sum() > 0.9 * 640 * 360)
        for sent, name in (
            ("space", " "),
            ("bracketleft", "["),
            ("plus", "+"),
            ("minus", "-"),
            ("7", "7"),
            ("b", "b"),
        ):
            press(xvfb, sent)
            assert read(child)["key"] == name
        press(xvfb, "f")
        assert read(child) == {"key": "f", "size": [1000, 600], "full": True}
        press(xvfb, "f")
        assert read(child) == {"key": "f", "size": [640, 360], "full": False}
        press(xvfb, "ctrl+q")
        assert read(child)["key"] == "ctrl+q"
        assert read(child) == {"errors": 0, "closed": False}
        assert child.wait(timeout=10) == 0
    finally:
        finish(child)


@needs_tools
def test_info_is_written_on_the_picture(xvfb):
    child, _ = start(xvfb, info=("60.0 fps", "latency 21 ms", "128.0 bpm"))
    try:
        assert wait_for(lambda: (screen(xvfb).min(axis=2) > 200).sum() > 30)
    finally:
        finish(child)


def test_display_that_does_not_exist_is_one_sentence(xvfb):
    code = (
        "from livedance.broadcast.window import Window\n"
        "from livedance.errors import ConfigError\n"
        "try: Window(display=3).open()\n"
        "except ConfigError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "DISPLAY": xvfb}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "no display 3" in done.stdout and "1000x600" in done.stdout


def test_dead_server_is_one_sentence_and_does_not_abort():
    code = (
        "from livedance.broadcast.window import Window\n"
        "from livedance.errors import ConfigError\n"
        "try: Window().open()\n"
        "except ConfigError as error: print(error)\n"
    )
    env = {**os.environ, "DISPLAY": ":4171"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "':4171' does not answer" in done.stdout
