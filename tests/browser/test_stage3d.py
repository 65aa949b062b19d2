"""The 3-D stage in headless Chromium, WebGL by a software rasteriser: every scene, alpha, blackout, and what if not."""

from __future__ import annotations

import itertools
import time

import cv2
import numpy as np
import pytest

from tests.browser.test_viewer import DANCING, address, light

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore:connect:DeprecationWarning")]
SOLID = DANCING + " && livedance.stats().drawn.mode === '3d'"
SCENES = ("ultraviolet", "sunset", "acid", "ice", "ember", "orchid", "reef", "moonlight", "carousel")
WORK = {
    "ultraviolet": (9, 4_857, 260), "sunset": (8, 4_857, 0), "acid": (16, 25_657, 160), "ice": (9, 4_857, 420),
    "ember": (9, 4_857, 320), "orchid": (9, 4_857, 120), "reef": (9, 4_857, 220), "moonlight": (8, 1_657, 3_622),
    "carousel": (16, 25_657, 120),
}  # fmt: skip
"""Scene -> draw calls, triangles and points of one dancer's picture without bloom."""


NO_WEBGL = """
const given = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind.startsWith("webgl") ? null : given.call(this, kind, ...more);
};
"""


def opened(show, browser, query: str = "", **kwargs):
    page = browser.open(address(show, "?mode=3d" + query), **kwargs)
    page.wait_for(SOLID, timeout_s=30)
    return page


def drawn(page) -> dict:
    return page.evaluate("livedance.stats().drawn")


def test_nine_scenes_are_drawn_and_no_two_look_alike(show, webgl_browser):
    page = opened(show, webgl_browser)
    pictures, work = {}, {}
    for number, name in enumerate(SCENES, start=1):
        show.set_state(scene=number, palette=number - 1, camera="front")
        page.wait_for(f"livedance.stats().drawn.scene === '{name}'", timeout_s=30)
        picture = page.picture()[..., :3]
        facts = drawn(page)
        work[name] = (facts["calls"], facts["triangles"], facts["points"])
        assert 2.0 < light(picture).mean() < 190.0, name
        assert light(picture).std() > 8.0, f"{name} is empty"
        assert (picture.min(axis=2) > 244).mean() < 0.01, f"{name} burns out to white"
        pictures[name] = cv2.resize(picture, (48, 27), interpolation=cv2.INTER_AREA).astype(float)
    for a, b in itertools.combinations(SCENES, 2):
        assert np.abs(pictures[a] - pictures[b]).mean() > 6.0, f"{a} and {b} look alike"
    assert work == WORK
    assert page.complaints() == []
    assert facts["limited"] == 0


def test_the_dancer_moves_in_the_3d_picture_too(show, webgl_browser):
    page = opened(show, webgl_browser, "&transparent=1", transparent=True)
    shapes = []
    for _ in range(4):
        shapes.append(page.picture()[..., 3] > 128)
        page.evaluate("new Promise((done) => setTimeout(done, 160))")
    assert max(int((a ^ b).sum()) for a, b in itertools.pairwise(shapes)) > 150, "the figure stands still"


def test_a_transparent_stage_is_clear_without_a_dark_fringe(show, webgl_browser):
    page = opened(show, webgl_browser, "&transparent=1&bloom=1", transparent=True)
    picture = page.picture()
    alpha = picture[..., 3]
    assert alpha[:, :20].max() == 0 and alpha[:, -20:].max() == 0
    body = (alpha > 200).astype(np.uint8)
    assert body.sum() > 1_500
    # Over white, what lies round the body (ribbons, glow) is light, never dirt.
    outside = cv2.dilate(body, np.ones((7, 7), np.uint8)) == 0
    over_white = picture[..., :3].astype(float) + 255.0 - alpha[..., None]
    assert over_white.max(axis=2)[outside].min() > 150.0
    show.set_state(blackout=True)
    page.wait_for("livedance.stats().state.blackout")
    page.evaluate("new Promise((done) => setTimeout(done, 300))")
    assert page.picture()[..., 3].max() == 0


def test_blackout_is_in_the_next_picture(show, webgl_browser):
    show.set_state(controls={"blackout_fade_ms": 0})
    page = opened(show, webgl_browser)
    assert light(page.picture()).max() > 120
    page.key("b", "b")
    frames = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    assert page.evaluate(frames)
    assert page.picture()[..., :3].max() == 0
    page.key("b", "b")
    page.evaluate(frames)
    assert light(page.picture()).max() > 120


def test_without_webgl_the_canvas_dances_and_says_so_once(show, browser):
    page = browser.open(address(show, "?mode=3d"), script=NO_WEBGL)
    page.wait_for(DANCING)
    facts = page.evaluate("({mode: livedance.stats().drawn.mode, note: document.getElementById('note').textContent})")
    assert facts == {"mode": "2d", "note": "No WebGL 2 here: drawn in 2-D"}
    assert light(page.picture()).max() > 150
    assert page.complaints() == []


def test_a_processor_that_plays_graphics_card_is_not_asked_by_itself(show, webgl_browser):
    page = webgl_browser.open(address(show))
    page.wait_for(DANCING)
    page.evaluate("new Promise((done) => setTimeout(done, 500))")
    assert drawn(page)["mode"] == "2d"
    assert page.evaluate("document.getElementById('note').hidden")


def test_a_lost_graphics_card_is_not_seen(show, webgl_browser):
    page = opened(show, webgl_browser)
    lose = "document.getElementById('stage3d').getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()"
    page.evaluate(lose)
    page.wait_for("livedance.stats().drawn.mode === '2d'")
    assert light(page.picture()).max() > 120, "the picture went dark"
    page.wait_for("livedance.stats().drawn.mode === '3d'", timeout_s=30)
    page.evaluate("new Promise((done) => setTimeout(done, 200))")
    assert light(page.picture()).max() > 120
    assert drawn(page)["scene"] == "ultraviolet"


def test_scenes_that_flicker_are_tamed(show, webgl_browser):
    """Ten changes a second between the brightest and the darkest scene: the flash limiter holds the picture back."""
    page = opened(show, webgl_browser)
    for number, name in ((5, "ember"), (1, "ultraviolet")):
        show.set_state(scene=number, palette=4)
        page.wait_for(f"livedance.stats().drawn.scene === '{name}'", timeout_s=30)
    assert drawn(page)["limited"] == 0
    for i in range(200):  # a busy machine draws some of the changes only: flicker on until it is flicker there, too
        show.set_state(scene=5 if i % 2 == 0 else 1)
        time.sleep(0.1)
        if i >= 23 and drawn(page)["limited"] > 0:
            break
    assert drawn(page)["limited"] > 0
    assert page.complaints() == []
