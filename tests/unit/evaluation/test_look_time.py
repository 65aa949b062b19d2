"""The bench of the looks: every case once, and a report."""

import json

from livedance.evaluation import look_time


def test_every_look_size_ground_and_company_is_measured_and_written(tmp_path):
    found = look_time.run(["skeleton", "none"], [(64, 64), (96, 48)], [1, 2], 3, tmp_path / "look")
    assert len(found) == 16 and len({(t.look, t.width_px, t.background, t.dancers) for t in found}) == 16
    data = json.loads((tmp_path / "look.json").read_text())
    assert len(data["looks"]) == 16 and data["looks"][0]["look"] == "skeleton"
    assert "| none | 96x48 | stage | 2 |" in (tmp_path / "look.md").read_text()
