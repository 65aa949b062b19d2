"""`livedance bench fanout` on a few viewers: it measures what it says, and bad neighbours do not cut anybody off."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import pytest

from livedance.evaluation import fanout

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads processes from /proc"),
]


def test_a_few_viewers_are_served_whoever_is_beside_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "SETTLE_S", 0.8)
    monkeypatch.setattr(fanout, "REPORT_S", 0.6)
    rows = fanout.run(12, 1.2, tmp_path / "fanout")
    assert [(row.viewers, row.beside) for row in rows] == [
        (1, "nobody"), (12, "nobody"), (12, "stalled"), (12, "pings"),
    ]  # fmt: skip
    for row in rows:
        assert 0.0 <= row.age_p50_ms <= row.age_p99_ms < 2_000.0
        assert row.lost == 0
        assert math.isfinite(row.lead_least_beats)
        assert 0.0 <= row.herald_cores < 1.0
    # Everybody gets everything: twelve see about twelve times as much as one.
    assert rows[1].messages_per_s > 6 * rows[0].messages_per_s
    told = json.loads((tmp_path / "fanout.json").read_text())
    assert len(told["rows"]) == 4
