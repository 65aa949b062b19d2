"""The genre tables are written without mistakes."""

from __future__ import annotations

import pytest

from livedance.training.beat_music.arranger import TABLE
from livedance.training.beat_music.harmony import MODES
from livedance.training.beat_music.notation import cells, groove_lines, strokes
from livedance.training.beat_music.patterns import LAYERS


@pytest.mark.parametrize("name", TABLE)
def test_every_line_of_a_genre_is_readable_and_fits_its_bars(name: str) -> None:
    genre = TABLE[name]
    assert 60 <= genre.bpm[0] < genre.bpm[1] <= 200
    assert set(genre.modes) <= set(MODES)
    assert genre.kick and genre.snare and genre.hats and genre.bass and genre.comp
    for layer in LAYERS:
        for groove in getattr(genre, layer):
            for _, line in groove_lines(groove):
                assert strokes(line), line
                assert len(line) % genre.bar_steps == 0 or genre.bar_steps % len(line) == 0, line
    for line in (*genre.bass, *genre.comp):
        assert cells(line), line
        assert len(line) % genre.bar_steps == 0, line
    assert all(cell.degree > 0 for line in genre.bass for cell in cells(line))
    assert all(cell.degree == 0 for line in genre.comp for cell in cells(line))


@pytest.mark.parametrize("name", ["drum-and-bass", "boom-bap", "uk-garage", "pop", "reggae"])
def test_counted_so_that_the_backbeat_falls_on_two_and_four(name: str) -> None:
    sounding = [stroke for groove in TABLE[name].snare for _, line in groove_lines(groove) for stroke in strokes(line)]
    on_backbeat = sum(s.velocity for s in sounding if s.step % 16 in (4, 12))
    assert on_backbeat > 0.6 * sum(s.velocity for s in sounding)


@pytest.mark.parametrize("name", ["trap", "dubstep", "halfstep", "future-bass"])
def test_half_time_genres_have_their_snare_on_three(name: str) -> None:
    sounding = [stroke for groove in TABLE[name].snare for _, line in groove_lines(groove) for stroke in strokes(line)]
    assert sum(s.velocity for s in sounding if s.step % 16 == 8) > 0.5 * sum(s.velocity for s in sounding)


def test_notation_reads_rolls_holds_and_refuses_nonsense() -> None:
    assert [s.step for s in strokes("x.r.t")] == pytest.approx([0, 2, 2.5, 4, 4 + 1 / 3, 4 + 2 / 3])
    assert [(c.step, c.steps, c.degree) for c in cells("1--.x.")] == [(0, 3, 1), (4, 1, 0)]
    for bad in (
        lambda: strokes("x.z"),
        lambda: cells("1.k"),
        lambda: groove_lines("w:x..."),
        lambda: groove_lines("k"),
    ):
        with pytest.raises(ValueError, match=r"use one of|use 1-9|write LETTER"):
            bad()
