"""The window in which a look draws by itself, on a real X server: pictures, keys, full screen, the last pass."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from livedance.render.bench import swaying
from livedance.render.look import DrawContext
from livedance.render.mesh.look import Mesh
from tests.integration.test_window_xvfb import finish, needs_tools, press, read, screen, wait_for, xvfb  # noqa: F401

pytestmark = [
    pytest.mark.display,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Xvfb is for Linux"),
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed (apt-get install xvfb)"),
]

SHOW = """
import json, logging, sys, time
logging.basicConfig(stream=sys.stderr, level=logging.INFO)
from livedance.config import LookConfig, WindowConfig
from livedance.messages import Levels
from livedance.render.bench import swaying
from livedance import surface
{before}
shown = surface.open_surface(WindowConfig(width_px=640, height_px=360, fullscreen={full}), LookConfig(name="mesh"))
window, state = shown.window, {{"look": "mesh", "palette": 1}}
print(json.dumps({{"kind": type(shown).__name__, "size": window.size, "full": window.fullscreen}}), flush=True)
t_s = 0.0
while not window.closed and t_s < 60.0:
    t_s += 1 / 60
    size = (window.size[0] // 2, window.size[1] // 2) if {half} else window.size
    shown.show(swaying(0.5), Levels(), state, t_s, size, {info})
    for key in window.poll_keys():
        if key == "b":
            state["blackout"] = not state.get("blackout")
        if key == "1":
            state["look"] = "silhouette"
        print(json.dumps({{"key": key, "size": window.size, "full": window.fullscreen}}), flush=True)
        if key == "ctrl+q":
            t_s = 60.0
print(json.dumps({{"errors": window.errors, "closed": window.closed}}), flush=True)
shown.close()
shown.close()
"""


def start(display, *, full=False, half=False, info=(), before=""):
    code = SHOW.format(full=full, half=half, info=repr(list(info)), before=before)
    env = {**os.environ, "DISPLAY": display}
    env.pop("WAYLAND_DISPLAY", None)
    child = subprocess.Popen(
        [sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    first = child.stdout.readline()
    assert first, child.stderr.read()
    return child, json.loads(first)


@needs_tools
def test_the_look_draws_into_the_window_what_it_draws_in_memory_and_goes_dark(xvfb):  # noqa: F811
    child, opened = start(xvfb)
    try:
        assert opened == {"kind": "CardSurface", "size": [640, 360], "full": False}
        wanted = Mesh().draw(swaying(0.5), DrawContext(width_px=640, height_px=360, palette=1, background="stage"))

        def off():
            return np.abs(screen(xvfb)[:360, :640, ::-1].astype(int) - wanted[..., :3]).mean()

        assert wait_for(lambda: off() < 1.5), off()
        press(xvfb, "b")
        assert read(child)["key"] == "b"
        assert wait_for(lambda: screen(xvfb).max() == 0)
        press(xvfb, "b")
        assert wait_for(lambda: off() < 1.5)
    finally:
        finish(child)


@needs_tools
def test_keys_arrive_f_covers_the_display_other_looks_are_shown_and_ctrl_q_ends(xvfb):  # noqa: F811
    child, _ = start(xvfb, info=("60.0 fps", "128.0 bpm"))
    try:
        assert wait_for(lambda: (screen(xvfb)[:60, :200].min(axis=2) > 200).sum() > 30)
        for sent, name in (("space", " "), ("bracketleft", "["), ("plus", "+"), ("minus", "-"), ("7", "7")):
            press(xvfb, sent)
            assert read(child)["key"] == name
        press(xvfb, "f")
        assert read(child) == {"key": "f", "size": [1000, 600], "full": True}
        assert wait_for(lambda: screen(xvfb)[560:, 940:].max() > 8)
        press(xvfb, "f")
        assert read(child) == {"key": "f", "size": [640, 360], "full": False}
        press(xvfb, "1")
        assert read(child)["key"] == "1"
        assert wait_for(lambda: screen(xvfb)[:360, :640].max() > 200)
        press(xvfb, "ctrl+q")
        assert read(child)["key"] == "ctrl+q"
        assert read(child) == {"errors": 0, "closed": False}
        assert child.wait(timeout=10) == 0
    finally:
        finish(child)
        child.stderr.close()


@needs_tools
def test_smaller_pictures_fill_the_full_screen(xvfb):  # noqa: F811
    child, opened = start(xvfb, full=True, half=True)
    try:
        assert opened == {"kind": "CardSurface", "size": [1000, 600], "full": True}
        assert wait_for(lambda: all(screen(xvfb)[rows, 480:520].max() > 8 for rows in (slice(0, 200), slice(400, 600))))
    finally:
        finish(child)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("sys.modules['glfw'] = None", "livedance[gl]"),
        ("import glfw; glfw.create_window = lambda *a: None", "the display's driver gives none"),
    ],
)
def test_without_a_window_of_its_own_the_look_draws_for_the_other(xvfb, before, words):  # noqa: F811
    child, opened = start(xvfb, before=before)
    try:
        assert opened["kind"] == "PlainSurface"
        child.terminate()
        assert words in child.communicate(timeout=20)[1]
    finally:
        child.kill()
