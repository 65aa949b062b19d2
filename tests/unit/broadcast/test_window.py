"""The window without a screen: what it says, what it reports, how it survives its projector."""

import types

import numpy as np
import pytest

from livedance.broadcast import displays, keys, window
from livedance.broadcast.displays import Display
from livedance.broadcast.window import Window
from livedance.control import keymap
from livedance.errors import ConfigError, LivedanceError

PROJECTOR = Display("HDMI-1", 1920, 0, 1280, 800)
LAPTOP = Display("eDP-1", 0, 0, 1920, 1080)


class FakeCv:
    """Records what is asked of OpenCV's windows."""

    error = RuntimeError

    def __init__(self):
        self.moves, self.sizes, self.full, self.shown, self.visible, self.broken, self.made = (
            [],
            [],
            [],
            [],
            1.0,
            False,
            0,
        )

    def __getattr__(self, name):
        if name.isupper():
            return hash(name) % 1000
        return lambda *args, **kwargs: -1

    def moveWindow(self, title, x, y):
        self.moves.append((x, y))

    def resizeWindow(self, title, w, h):
        self.sizes.append((w, h))

    def setWindowProperty(self, title, what, value):
        self.full.append(value == self.WINDOW_FULLSCREEN)

    def getWindowProperty(self, title, what):
        return self.visible

    def namedWindow(self, title, flags):
        self.made += 1

    def imshow(self, title, image):
        if self.broken:
            raise RuntimeError("gone")
        self.shown.append(image)


@pytest.fixture
def desk(monkeypatch):
    """A desktop with a laptop and a projector that can be unplugged, and a hand-driven clock."""
    desk = types.SimpleNamespace(cv=FakeCv(), found=[LAPTOP, PROJECTOR], now=0.0, pixels=[])
    x11 = types.SimpleNamespace(
        find_window=lambda title: 7,
        pixel=lambda w, x, y: desk.pixels.pop(0) if desk.pixels else 0x181818,
        grab_ctrl_q=lambda w: None,
        ctrl_q_pressed=lambda: False,
        set_cursor_hidden=lambda w, hidden: setattr(desk, "hidden", hidden),
        close=lambda: None,
    )
    monkeypatch.setattr(displays, "require_display", lambda: None)
    monkeypatch.setattr(displays, "connect", lambda: x11)
    monkeypatch.setattr(displays, "list_displays", lambda connection: list(desk.found))
    monkeypatch.setattr(window, "import_opencv", lambda: desk.cv)

    def make(**kwargs):
        made = Window(monotonic=lambda: desk.now, **kwargs)
        made.open()
        return made

    desk.make = make
    return desk


IMAGE = np.full((36, 64, 3), 90, np.uint8)


def test_full_screen_takes_the_chosen_display(desk):
    w = desk.make(fullscreen=True, display=1)
    assert w.size == (1280, 800) and w.fullscreen and desk.cv.moves[-1] == (1920, 0) and desk.hidden


def test_windowed_has_its_own_size_and_a_cursor(desk):
    w = desk.make(size=(800, 450), display=1)
    assert w.size == (800, 450) and not w.fullscreen and not desk.hidden and desk.cv.sizes[-1] == (800, 450)
    w.toggle_fullscreen()
    assert w.size == (1280, 800) and desk.hidden


def test_survives_the_projector_being_unplugged_and_comes_back(desk):
    w = desk.make(fullscreen=True, display=1)
    desk.found = [LAPTOP]
    desk.now = 0.5
    w.show(IMAGE)
    assert w.fullscreen, "displays are looked at once a second"
    desk.now = 1.1
    w.show(IMAGE)
    assert not w.fullscreen and w.size == (1280, 720) and desk.cv.moves[-1] == (0, 0)
    desk.found = [LAPTOP, Display("HDMI-1", 1920, 0, 1920, 1080)]
    desk.now = 2.2
    w.show(IMAGE)
    assert w.fullscreen and w.size == (1920, 1080) and desk.cv.moves[-1] == (1920, 0)
    assert len(desk.cv.shown) == 4 and w.errors == 0


def test_never_raises_after_open(desk):
    w = desk.make()
    desk.cv.broken = True
    w.show(IMAGE)
    w.show(IMAGE)
    assert w.errors == 2
    w.close()
    w.close()
    w.show(IMAGE)
    assert w.poll_keys() == [] and w.closed


def test_notices_that_the_person_closed_it(desk):
    w = desk.make()
    for _ in range(20):
        w.show(IMAGE)
    desk.cv.visible = 0.0
    for _ in range(60):
        w.show(IMAGE)
    assert w.closed and len(desk.cv.shown) < 60


def test_a_window_that_is_slow_to_appear_or_blinks_is_not_closed(desk):
    desk.cv.visible = 0.0
    w = desk.make()
    for _ in range(100):
        w.show(IMAGE)
    assert not w.closed
    for i in range(100):
        desk.cv.visible = float(i % 16 < 8)
        w.show(IMAGE)
    assert not w.closed


def test_a_window_that_is_never_painted_is_made_anew(desk, monkeypatch):
    monkeypatch.setattr(window, "PAINTED_S", 0.0)
    desk.pixels = [0x000000, 0x000000]
    w = desk.make()
    assert desk.cv.made == 3 and not w.closed
    desk.pixels = [0x000000] * 100
    desk.make()
    assert desk.cv.made == 3 + window.OPEN_TRIES, "after some tries it goes on as it is"


def test_unknown_display_lists_what_there_is(desk):
    with pytest.raises(ConfigError, match=r"no display 2.*0 \(eDP-1 1920x1080\), 1 \(HDMI-1 1280x800\)"):
        desk.make(display=2)


def test_impossible_size_is_named():
    with pytest.raises(ConfigError, match="0x720"):
        Window(size=(0, 720))


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({}, "DISPLAY is not set"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "xwayland"),
        ({"DISPLAY": ":4172"}, "':4172' does not answer"),
        ({"DISPLAY": "nonsense"}, "'nonsense' does not answer"),
    ],
)
def test_no_display_is_one_sentence(monkeypatch, env, words):
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(ConfigError, match=words) as caught:
        displays.require_display(env)
    assert caught.value.exit_code == 2 and "\n" not in str(caught.value)


def test_missing_system_library_names_its_package(monkeypatch):
    import builtins

    real = builtins.__import__

    def fail(name, *args, **kwargs):
        if name == "cv2":
            raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fail)
    with pytest.raises(LivedanceError, match="apt-get install libgl1"):
        window.import_opencv()


def test_alpha_goes_over_black_and_opaque_stays():
    import cv2

    clear = np.full((32, 32, 4), 200, np.uint8)
    clear[..., 3] = 51
    assert np.abs(window.opaque(cv2, clear).astype(int) - 40).max() <= 1
    clear[..., 3] = 255
    assert (window.opaque(cv2, clear) == 200).all() and window.opaque(cv2, clear).shape == (32, 32, 3)
    assert window.opaque(cv2, IMAGE) is IMAGE


def test_info_never_draws_on_the_picture_itself():
    import cv2

    picture = np.full((360, 640, 3), 120, np.uint8)
    out = window.write_info(cv2, picture, ["60 fps", "128.0 bpm"])
    assert (picture == 120).all() and out.shape == picture.shape and (out[:40, :100] > 200).any()
    assert (out[200:, 300:] == 120).all()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (32, " "), (ord("b"), "b"), (ord("B"), "b"), (ord("["), "["), (ord("+"), "+"), (ord("="), "+"),
        (ord("_"), "-"), (17, "ctrl+q"), (ord("5"), "5"), (0xFFAB, "+"), (0x1_0000 + ord("h"), "h"),
        (-1, None), (27, None), (ord("0"), None), (0xE4, None), (ord("q"), None), (0xFFB3, "3"),
    ],
)  # fmt: skip
def test_key_names(code, name):
    assert keys.name(code) == name
    assert name is None or name in keys.KEYS


def test_a_window_reports_keys_by_the_names_of_the_key_map():
    assert {key.key for key in keymap.KEYS} == keys.KEYS


def test_the_first_display_needs_no_list_of_displays():
    assert displays.choose([], 0) is None and displays.choose([], None) is None
    assert displays.choose([LAPTOP, PROJECTOR], 1) is PROJECTOR
    with pytest.raises(ConfigError, match="display 1 cannot be chosen"):
        displays.choose([], 1)
    with pytest.raises(ConfigError, match=r"there is no display 2; there are: 0 \(eDP-1 1920x1080\), 1"):
        displays.choose([LAPTOP, PROJECTOR], 2)
