"""The bench of the looks: every case once, and a report."""

import json

from livedance.evaluation import look_show, look_time


def test_every_look_size_ground_and_company_is_measured_and_written(tmp_path):
    found, shows = look_time.run(["skeleton", "none"], [(64, 64), (96, 48)], [1, 2], 3, tmp_path / "look")
    assert (
        shows == [] and len(found) == 16 and len({(t.look, t.width_px, t.background, t.dancers) for t in found}) == 16
    )
    data = json.loads((tmp_path / "look.json").read_text())
    assert len(data["looks"]) == 16 and data["looks"][0]["look"] == "skeleton"
    assert "| none | 96x48 | stage | 2 |" in (tmp_path / "look.md").read_text()


def test_what_the_window_tells_is_found_among_the_metrics():
    page = (
        "# TYPE livedance_show_processes_window_fps gauge\nlivedance_show_processes_window_fps 58.5\n"
        "livedance_show_processes_brain_window_ms_p50 2\nlivedance_show_processes_window_pace 1\n"
    )
    assert look_show.figures(page) == {"fps": 58.5, "pace": 1.0}


def test_each_look_is_watched_in_a_show_and_the_report_says_so(tmp_path, monkeypatch):
    def measure(look, size, dancers, seconds):
        return look_show.LookInShow(
            look=look, width_px=size[0], height_px=size[1], dancers=dancers, fps=seconds, draw_p50_ms=1.0,
            draw_p99_ms=2.0, level=3,
        )  # fmt: skip

    monkeypatch.setattr(look_show, "measure", measure)
    _, shows = look_time.run(["none"], [(64, 64)], [1, 2], 3, tmp_path / "look", show_s=7.0)
    assert [(s.dancers, s.fps) for s in shows] == [(1, 7.0), (2, 7.0)]
    assert "| none | 64x64 | 2 | 7.00 | 1.00 | 2.00 | 3 |" in (tmp_path / "look.md").read_text()
