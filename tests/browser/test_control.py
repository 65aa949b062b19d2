"""The control page in headless Chromium, by pointer and by keyboard, against a real server."""

from __future__ import annotations

import time

import pytest

from livedance.control import ops

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore:connect:DeprecationWarning")]
LIVE = "document.getElementById('tempo') !== null && document.getElementById('tempo').textContent === '120.0 BPM'"


def opened(show, browser):
    base, _, fragment = show.server.url.partition("#")
    page = browser.open(f"{base}control#{fragment}")
    page.wait_for(LIVE)
    return page


def press(page, label: str) -> None:
    """Click the middle of the button called `label`, as a pointer does."""
    found = f"[...document.querySelectorAll('button')].find((b) => b.textContent === '{label}')"
    page.evaluate(f"{found}.scrollIntoView({{block: 'center'}})")
    x, y = page.evaluate(
        f"(() => {{ const r = {found}.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
    )
    for kind in ("mousePressed", "mouseReleased"):
        page.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)


def told(show, count: int) -> list:
    deadline = time.monotonic() + 5
    while len(show.commands) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    return show.commands


def test_buttons_ask_the_show_once_each(show, browser):
    page = opened(show, browser)
    for label in ("Tap", "+ 10 ms", "½", "4 ice", "low", "Blackout", "Hold phrase"):
        press(page, label)
    assert told(show, 7) == [
        ("tap", {}), ("nudge_ms", {"value": 10.0}), ("halve", {}), ("set", {"scene": 4}), ("set", {"camera": "low"}),
        ("set", {"blackout": True}), ("set", {"hold": True}),
    ]  # fmt: skip
    assert page.complaints() == []


def test_everything_is_reached_by_keyboard_and_has_a_name(show, browser):
    page = opened(show, browser)
    named = page.evaluate(
        "[...document.querySelectorAll('button, select, input')].map((e) => "
        "(e.ariaLabel || e.textContent.trim() || e.labels?.[0]?.textContent.trim() || '') !== '' && e.tabIndex === 0)"
    )
    assert len(named) > 40 and all(named)
    page.key("x", "x")
    page.evaluate("[...document.querySelectorAll('button')].find((b) => b.textContent === 'Drop').focus()")
    page.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
    page.call("Input.dispatchKeyEvent", type="keyUp", key="Enter", code="Enter", windowsVirtualKeyCode=13)
    assert told(show, 2) == [("hit", {}), ("drop", {})]


def test_it_shows_what_the_show_says(show, browser):
    show.set_state(
        controls={
            "blackout": True,
            "scene": 2,
            "energy": None,
            "dancers": 3,
            "style": "club:2+jazz:1",
            "delay_ms": {"web": 40},
        }
    )
    page = opened(show, browser)
    pressed = "[...document.querySelectorAll('[aria-pressed=true]')].map((b) => b.textContent)"
    page.wait_for(f"{pressed}.includes('Blackout')")
    assert set(page.evaluate(pressed)) == {"Blackout", "2 sunset", "Energy follows the music"}
    assert page.evaluate("[...document.querySelectorAll('select')].map((s) => s.value)")[0] == "club:2+jazz:1"
    assert "40 ms" in page.evaluate("document.getElementById('desk').textContent")


def test_fingers_hit_it_on_a_phone(show, browser):
    page = opened(show, browser)
    page.call("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=2, mobile=True)
    sizes = page.evaluate(
        "[...document.querySelectorAll('button:not([hidden]), select')].map((e) => e.getBoundingClientRect())"
        ".map((r) => [r.width, r.height])"
    )
    assert min(min(size) for size in sizes) >= 48
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_the_token_it_says_what_to_open(show, browser):
    page = browser.open(show.server.url.partition("#")[0] + "control")
    page.wait_for(LIVE)
    press(page, "Tap")
    time.sleep(0.2)
    assert show.commands == []
    assert "token" in page.evaluate("document.getElementById('said').textContent")


def test_every_act_of_the_page_is_one_of_the_show(show, browser):
    page = opened(show, browser)
    groups = page.evaluate("[...document.querySelectorAll('legend')].map((l) => l.textContent)")
    assert groups == ["Beat", "Dance", "Company", "Picture", "Presets", "Delay of outputs", "State"]
    lists = page.evaluate("[...document.querySelectorAll('select')].map((s) => [...s.options].map((o) => o.value))")
    assert lists[1] == list(ops.VOCABULARY["formation"])
