"""The heap of a real page, as `livedance bench page` reads it."""

from __future__ import annotations

import pytest

from livedance.evaluation import page_heap
from livedance.evaluation.devtools import ShownPage
from livedance.evaluation.show_process import BenchError
from tests.browser import chromium

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore:connect:DeprecationWarning")]


def test_a_page_is_sampled_after_it_has_shown_a_scene(show):
    if chromium.find() is None:
        pytest.skip("Chromium is not installed (apt install chromium)")
    show.server.on_control = lambda op, args, client: show.set_state(scene=args["scene"])
    base, _, fragment = show.server.url.partition("#")
    with ShownPage(f"{base}?mode=2d#{fragment}", 320, 180) as page:
        page_heap._wait_for_dance(page)
        page_heap._show_scene(page, 4)
        held = (
            "globalThis.held = new Uint8Array(8e6); globalThis.more = Array.from({length: 2e5}, (_, i) => ({ i })); 1"
        )
        before = page_heap._sample(page, 0.0)
        page.evaluate(held)
        after = page_heap._sample(page, 1.0)
        assert 0.5 < before.heap_mb < 50 and before.nodes > 10 and before.browser_mb > 50 and before.fps > 0
        assert after.buffers_mb - before.buffers_mb == pytest.approx(8.0, abs=1.5)
        assert after.heap_mb - before.heap_mb > 2.0
        page.evaluate("held = more = null; 1")
        # The show goes on and fills the score meanwhile: what was let go is far more than that.
        assert after.live_mb - page_heap._sample(page, 2.0).live_mb > 8.0, "garbage is not counted"
        with pytest.raises(BenchError, match="refused"):
            page.ask("Nothing.atAll")
