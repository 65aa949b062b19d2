"""The committed page in headless Chromium, against a real server: a figure moves, on the beat, whatever happens."""

from __future__ import annotations

import itertools
import json
import time

import cv2
import numpy as np
import pytest

from livedance.broadcast import wire
from livedance.broadcast.websocket import ServerOptions, WebSocketServer
from livedance.messages import Levels

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore:connect:DeprecationWarning")]
DANCING = "typeof livedance !== 'undefined' && livedance.stats().clock !== null && livedance.stats().ahead > 1"
BODY = (slice(20, 340), slice(120, 520))
"""Where the dancer is in a picture of 640 x 360."""


def address(show, query: str = "") -> str:
    base, _, fragment = show.server.url.partition("#")
    return f"{base}{query}#{fragment}"


def light(picture: np.ndarray) -> np.ndarray:
    return picture[..., :3].max(axis=-1)


def test_a_figure_moves_with_the_score(show, browser):
    page = browser.open(address(show))
    page.wait_for(DANCING)
    pictures = []
    for _ in range(4):
        pictures.append(light(page.picture())[BODY].astype(int))
        time.sleep(0.17)
    bright = [int((p > 150).sum()) for p in pictures]
    assert min(bright) > 600, f"there is no figure: {bright}"
    moved = [int((abs(a - b) > 60).sum()) for a, b in itertools.pairwise(pictures)]
    assert max(moved) > 300, f"the figure stands still: {moved}"
    assert page.complaints() == []


def test_the_figure_is_where_the_score_says(show, browser):
    page = browser.open(address(show))
    page.wait_for(DANCING)
    page.wait_for("livedance.stats().synced && livedance.pose()[0].origin === 1")
    time.sleep(0.6)  # what was shown before the score came has died away after 0.35 s
    told = page.evaluate(
        "({dance: livedance.clock().dance, show: livedance.clock().show_s, pose: livedance.pose()[0]})"
    )
    assert abs(told["show"] - show.server.now()) < 0.5
    assert told["pose"]["places"][0] == pytest.approx(0.0, abs=1e-3)
    # Arms are up on the beat: the wrists' height is a function of the dance position alone.
    wrist = np.array(told["pose"]["places"]).reshape(-1, 3)[6]
    angle = 0.5 - 1.6 * (0.5 + 0.5 * np.cos(2 * np.pi * told["dance"]))
    assert wrist[1] == pytest.approx(0.95 + 0.30 + 0.23 - 0.039 + 0.535 * np.sin(angle), abs=0.03)


def test_blackout_is_black_at_once_and_survives_a_new_page(show, browser):
    page = browser.open(address(show))
    page.wait_for(DANCING)
    show.set_state(blackout=True)
    page.wait_for("livedance.stats().state.blackout")
    time.sleep(0.3)
    assert page.picture()[..., :3].max() == 0
    again = browser.open(address(show))
    again.wait_for(DANCING)
    time.sleep(0.3)
    assert again.picture()[..., :3].max() == 0
    show.set_state(blackout=False)
    page.wait_for("!livedance.stats().state.blackout")
    time.sleep(0.3)
    assert light(page.picture()).max() > 150


def test_its_own_b_key_works_without_the_show_and_the_show_is_told(show, browser):
    page = browser.open(address(show))
    page.wait_for(DANCING)
    page.key("b", "b")
    time.sleep(0.4)
    assert page.picture()[..., :3].max() == 0
    assert show.commands == [("set", {"blackout": True})]
    page.key(" ", " ")
    page.key("]", "]")
    page.wait_for("true")
    deadline = time.monotonic() + 5
    while len(show.commands) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert show.commands[1:] == [("tap", {}), ("nudge_ms", {"value": 10.0})]


def test_keys_without_the_token_change_only_this_page(show, browser):
    page = browser.open(show.server.url.partition("#")[0])
    page.wait_for(DANCING)
    for key in ("b", "p", "x"):
        page.key(key, key)
    time.sleep(0.4)
    assert page.picture()[..., :3].max() == 0
    assert show.commands == []


def test_director_and_formation_are_set_by_keyboard_on_the_page(show, browser):
    show.set_state(controls={"director": True, "dancers": 2, "formation": "mirror"})
    page = browser.open(address(show))
    page.wait_for(DANCING)
    assert page.evaluate("document.getElementById('desk').hidden")
    page.key("i", "i")
    page.wait_for("!document.getElementById('desk').hidden")
    fields = "[...document.getElementById('desk').elements]"
    assert page.evaluate(f"{fields}.map((e) => e.labels[0].textContent.trim().split(' ')[0])") == [
        "director", "dancers", "formation",
    ]  # fmt: skip
    assert page.evaluate(f"{fields}.map((e) => e.type === 'checkbox' ? e.checked : e.value)") == [True, "2", "mirror"]
    page.key("Tab", "")
    assert page.evaluate("document.activeElement.name") == "director"
    page.key(" ", " ")
    page.key("Tab", "")
    page.key("Tab", "")
    page.key("c", "c")  # chooses canon or couple, not another camera
    page.key("Escape", "")
    page.key("x", "x")
    deadline = time.monotonic() + 5
    while len(show.commands) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert show.commands[0] == ("set", {"director": False})
    assert [op for op, _ in show.commands[1:]] == ["set", "hit"]
    assert show.commands[1][1]["formation"] in ("canon", "call", "couple", "circle")


def test_nobody_without_the_token_sees_what_they_cannot_set(show, browser):
    page = browser.open(show.server.url.partition("#")[0])
    page.wait_for(DANCING)
    page.key("i", "i")
    page.wait_for("!document.getElementById('hud').hidden")
    assert page.evaluate("document.getElementById('desk').hidden")


def test_transparent_pages_have_no_background_and_no_dark_fringe(show, browser):
    page = browser.open(address(show, "?transparent=1"), transparent=True)
    page.wait_for(DANCING)
    time.sleep(0.3)
    picture = page.picture()
    assert picture[:, :40, 3].max() == 0 and picture[:, -40:, 3].max() == 0
    assert (picture[..., 3] > 200).sum() > 3_000
    show.set_state(blackout=True)
    time.sleep(0.6)
    assert page.picture()[..., 3].max() == 0


def test_it_dances_on_when_the_show_falls_silent(show, browser):
    page = browser.open(address(show))
    page.wait_for(DANCING)
    show.fall_silent()
    page.wait_for("livedance.stats().freeWheel")
    page.wait_for("livedance.pose()[0].origin === 2")
    before = page.evaluate("livedance.clock().beat")
    first = page.evaluate("livedance.pose()[0].places")
    time.sleep(0.5)
    assert page.evaluate("livedance.clock().beat") > before + 0.5
    assert page.evaluate("livedance.pose()[0].places") != first, "it froze"
    assert light(page.picture()).max() > 150


def test_it_comes_back_after_the_server_did(show, browser):
    page = browser.open(address(show))
    page.wait_for(DANCING)
    options = show.server.options
    port = show.server.port
    show.fall_silent()
    show.server.stop()
    page.wait_for("!livedance.stats().linked")
    assert light(page.picture()).max() > 150, "a lost link shows"
    again = WebSocketServer(ServerOptions(port=port, token=options.token, show_start_s=options.show_start_s))
    again.start()
    try:
        page.wait_for("livedance.stats().linked", timeout_s=6)
    finally:
        again.stop()


def test_noise_from_the_server_is_counted_not_shown(show, browser):
    page = browser.open(address(show))
    page.wait_for(DANCING)
    good = wire.encode_levels(Levels(), t_s=1.0)
    show.server.publish(good[:20] + b"\xff\xff\xff\xff" + good[24:])
    page.wait_for("livedance.stats().malformed > 0")
    assert page.complaints() == []


def test_pictures_are_shown_and_acknowledged(show, browser):
    page = browser.open(address(show, "?mode=frames"))
    page.wait_for("typeof livedance !== 'undefined' && livedance.stats().linked")
    deadline = time.monotonic() + 10
    while show.server.health()["clients"]["image"] == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    for n in range(6):
        red = np.zeros((90, 160, 3), np.uint8)
        red[..., 2] = 120 + 20 * n
        data = cv2.imencode(".jpg", red)[1].tobytes()
        show.server.publish(wire.encode_image(t_s=0.1 * n, width=160, height=90, data=data))
        time.sleep(0.1)
    time.sleep(0.4)
    middle = page.picture()[180, 320]
    assert abs(int(middle[2]) - 220) < 12 and middle[0] < 20, "only the newest picture counts"


def test_the_sentence_for_people_is_shown_and_hidden(show, browser):
    page = browser.open(address(show))
    page.wait_for(DANCING)
    sentence = "I hear nothing on Mic: play music, or press D for the demo"
    show.set_state(message=sentence)
    page.wait_for(f"document.getElementById('note').textContent === {json.dumps(sentence)}")
    assert page.evaluate("document.getElementById('note').hidden") is False
    page.wait_for("document.documentElement.classList.contains('idle')")
    # Nobody touches the page: after some seconds the wall shows the dance alone, until the pointer moves.
    opacity = "getComputedStyle(document.getElementById('note')).opacity"
    page.evaluate("document.getElementById('note').getAnimations().forEach((leaving) => leaving.finish())")
    page.wait_for(f"{opacity} === '0'")
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=100, y=100)
    page.wait_for(f"{opacity} === '0.8'")
    show.set_state(message="")
    page.wait_for("document.getElementById('note').hidden")
    page.key("i", "i")
    page.wait_for("document.getElementById('hud').textContent.includes('120.0 BPM')")


def test_sound_plays_after_a_click_in_step_with_the_show(show, browser):
    page = browser.open(address(show))
    page.wait_for(DANCING)
    track = {"play": "browser", "url": "/audio/a%20track.wav", "t0_s": show.server.now() - 3.0}
    show.set_state(audio=track)
    page.wait_for("!document.getElementById('sound').hidden")
    assert not page.evaluate("livedance.stats().sound.playing"), "no sound before the click"
    for kind in ("mousePressed", "mouseReleased"):
        page.call("Input.dispatchMouseEvent", type=kind, x=300, y=150, button="left", clickCount=1)
    page.wait_for("document.getElementById('sound').hidden && livedance.stats().sound.playing")
    page.wait_for("Math.abs(livedance.stats().sound.error_s) < 0.06", timeout_s=8)
    show.set_state(audio={"play": "off"})
    page.wait_for("!livedance.stats().sound.playing")
    assert page.complaints() == []
