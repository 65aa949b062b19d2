"""Presets on the control page, by pointer and by keyboard, against a real server and the real file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from livedance import stage_presets
from livedance.control import controls as control
from livedance.control import presets as rules
from livedance.messages import Command, Controls
from livedance.stage_presets import StagePresets
from tests.browser.chromium import Chromium, Page
from tests.browser.conftest import SmallShow
from tests.browser.test_control import LIVE, press
from tests.unit.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore:connect:DeprecationWarning")]
LISTED = "[...document.querySelectorAll('.preset bdi')].map((b) => b.textContent)"
SAID = "document.getElementById('said').textContent"
FOCUSED = "document.activeElement.ariaLabel || document.activeElement.textContent"


class Kept:
    """Does with the presets what herald and stage do."""

    def __init__(self, show: SmallShow, path: Path) -> None:
        self._show, self.presets = show, StagePresets(path)
        self.controls = Controls(dancers=3, style="club", look="neon")
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)
        self._thread.start()
        show.server.on_control = self._obey

    def _obey(self, op: str, args: dict[str, Any], client: str) -> None:
        self._show.commands.append((op, args))
        command = control.check(Command(op=op, args=args), {"preset": self.presets.names})
        recalled = self.presets.obey(command, self.controls) if op.startswith("preset") else command
        self.controls = control.reduce(self.controls, recalled) if recalled is not None else self.controls

    def _tell(self) -> None:
        while not self._end.wait(0.01):
            if self.presets.has_news():
                self._show.server.set_presets({k: v for k, v in self.presets.message().items() if k != "type"})

    def close(self) -> None:
        self._end.set()
        self._thread.join(5)
        self.presets.close()


@pytest.fixture
def kept(show: SmallShow, tmp_path: Path) -> Iterator[Kept]:
    made = Kept(show, tmp_path / "presets.toml")
    yield made
    made.close()


def opened(show: SmallShow, browser: Chromium) -> Page:
    base, _, fragment = show.server.url.partition("#")
    page = browser.open(f"{base}control#{fragment}")
    page.wait_for(LIVE)
    return page


def write(page: Page, text: str) -> None:
    """Type into the field that has the focus, over what is selected there."""
    page.call("Input.insertText", text=text)


def enter(page: Page) -> None:
    page.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
    page.call("Input.dispatchKeyEvent", type="keyUp", key="Enter", code="Enter", windowsVirtualKeyCode=13)


def save(page: Page, name: str) -> None:
    page.evaluate("document.querySelector('#presets input').focus()")
    write(page, name)
    enter(page)


def test_a_preset_is_saved_kept_over_a_reload_recalled_and_deleted(show, kept, browser):
    page = opened(show, browser)
    save(page, "Doors 開場")
    page.wait_for(f"{LISTED}.length === 1 && {SAID} === \"Saved 'Doors 開場'\"")
    kept.controls = Controls(dancers=1)
    page.call("Page.reload")
    page.wait_for(LIVE)
    page.wait_for(f"{LISTED}.length === 1")
    assert page.evaluate(SAID) == ""
    press(page, "1Doors 開場")
    until(lambda: kept.controls.dancers == 3 and kept.controls.style == "club")
    assert page.evaluate(SAID) == "Recalled 'Doors 開場'"
    press(page, "Rename or delete")
    press(page, "Delete")
    assert page.evaluate(FOCUSED) == "Cancel", "a key that is held down must not say yes"
    assert list(stage_presets.read(kept.presets.path)) == ["Doors 開場"]
    page.evaluate("document.querySelector('.risky').click()")
    page.wait_for("document.querySelectorAll('#presets [data-at]').length === 0")
    until(lambda: not stage_presets.read(kept.presets.path))
    assert [op for op, _ in show.commands] == ["preset_save", "preset", "preset_delete"]
    assert page.complaints() == []


def test_saving_over_a_preset_asks_first(show, kept, browser):
    page = opened(show, browser)
    save(page, "Peak")
    page.wait_for(f"{LISTED}.length === 1")
    kept.controls = Controls(dancers=8, look="neon")
    save(page, "Peak")
    asked = page.evaluate("document.querySelector('[role=alertdialog]').ariaLabel")
    assert asked == "Replace 'Peak' with the settings of now?"
    press(page, "Cancel")
    assert page.evaluate("document.querySelector('[role=alertdialog]')") is None
    assert page.evaluate("document.activeElement.value") == "Peak"
    enter(page)
    press(page, "Replace")
    until(lambda: stage_presets.read(kept.presets.path)["Peak"]["dancers"] == 8)
    assert page.evaluate("document.querySelector('#presets input').value") == ""


def test_by_keyboard_alone(show, kept, browser):
    page = opened(show, browser)
    for name in ("a", "b"):
        save(page, name)
        page.wait_for(f"{LISTED}.includes('{name}')")
    kept.controls = Controls(dancers=9)
    page.evaluate("document.activeElement.blur()")
    page.call("Input.dispatchKeyEvent", type="keyDown", key="@", code="Digit2", modifiers=8)
    until(lambda: show.commands[-1] == ("preset", {"value": "b"}))
    assert page.evaluate(SAID) == "Recalled 'b'"
    press(page, "Rename or delete")
    page.evaluate("[...document.querySelectorAll('#presets button')].find((b) => b.ariaLabel === 'Rename b').focus()")
    enter(page)
    assert page.evaluate("[document.activeElement.value, document.activeElement.labels[0].textContent]") == [
        "b", "New name of 'b'",
    ]  # fmt: skip
    write(page, "c")
    enter(page)
    page.wait_for("[...document.querySelectorAll('#presets bdi')].some((b) => b.textContent === 'c')")
    assert list(stage_presets.read(kept.presets.path)) == ["a", "c"]
    page.evaluate("[...document.querySelectorAll('#presets button')].find((b) => b.ariaLabel === 'Delete a').focus()")
    enter(page)
    page.key("Escape")
    assert page.evaluate(FOCUSED) == "Delete a"
    named = page.evaluate(
        "[...document.querySelectorAll('#presets button:not([hidden]), #presets input')].map((e) => "
        "(e.ariaLabel || e.textContent.trim() || e.labels?.[0]?.textContent.trim() || '') !== '' && e.tabIndex === 0)"
    )
    assert len(named) == 7 and all(named)


def test_fingers_hit_presets_on_a_phone_and_long_names_stay_in_it(show, kept, browser):
    page = opened(show, browser)
    page.call("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=2, mobile=True)
    long = "W" * rules.MAX_NAME
    for name in (long, "x"):
        save(page, name)
        page.wait_for(f"{LISTED}.includes('{name}')")
    for label in ("", "Rename or delete", "Delete"):
        if label:
            press(page, label)
        sizes = page.evaluate(
            "[...document.querySelectorAll('#presets button:not([hidden]), #presets input')]"
            ".map((e) => e.getBoundingClientRect()).map((r) => [r.width, r.height])"
        )
        assert min(min(size) for size in sizes) >= 48
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_what_is_wrong_with_the_file_is_said(show, kept, browser):
    kept.presets.path.write_text("[[preset\n", encoding="utf-8")
    page = opened(show, browser)
    save(page, "Doors")
    page.wait_for("document.querySelector('#presets [role=alert]').textContent.includes('stay as they are')")
    assert page.evaluate(LISTED) == []
    name = page.evaluate("document.querySelector('#presets input').maxLength")
    assert name == rules.MAX_NAME
