"""Composed pieces: consistent truth, notes in place, every genre at every tempo, the forms as asked."""

from __future__ import annotations

import re

import numpy as np
import pytest

from livedance.messages import Section
from livedance.training.beat_music.arranger import FORMS, GENRES, TABLE, compose
from livedance.training.beat_music.piece import DRUMS, Piece, truth_of

TONES = ("bass", "chord", "pad", "lead", "vocal", "arp", "pluck", "guitar")


def check(piece: Piece, bars: int) -> None:
    assert piece.beats == bars * piece.meter
    beat_s, downbeat_s = piece.beat_s, piece.downbeat_s
    assert len(beat_s) == piece.beats and len(downbeat_s) == bars
    assert np.all(np.diff(beat_s) > 0)
    np.testing.assert_allclose(downbeat_s, beat_s[:: piece.meter])
    assert piece.spans[0].start == 0 and piece.spans[-1].end == piece.beats
    assert all(a.end == b.start for a, b in zip(piece.spans, piece.spans[1:], strict=False))
    assert all(span.end > span.start and span.start % piece.meter == 0 for span in piece.spans)
    assert piece.notes
    starts = [note.beat for note in piece.notes]
    assert starts == sorted(starts)
    for note in piece.notes:
        assert note.beat >= 0 and note.beats > 0 and note.beat + note.beats <= piece.beats + 1e-9
        assert 0.0 < note.velocity <= 1.0
        assert (note.pitch == 0) == (note.part in DRUMS or note.part in ("riser", "impact"))
        assert note.part not in TONES or 20 <= note.pitch <= 108
    assert piece.phrase_starts[0] == 0
    assert all(start % piece.meter == 0 for start in piece.phrase_starts)
    assert set(piece.phrase_starts) >= {s.start for s in piece.spans if s.section == Section.DROP}


@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_composes_at_the_limits_and_at_its_own_tempo(genre: str) -> None:
    for seed, bpm in enumerate((60.0, 200.0, None)):
        piece = compose(np.random.default_rng(seed), genre=genre, bpm=bpm, bars=16)
        check(piece, 16)
        assert piece.genre == genre
        assert bpm is None or piece.tempo.bpm == (bpm,)
        assert all(59.0 <= value <= 203.1 for value in piece.tempo.bpm)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("bars", [1, 2, 3, 7, 12, 64])
def test_every_form_composes_at_every_length(form: str, bars: int) -> None:
    for seed in range(6):
        check(compose(np.random.default_rng(seed), bars=bars, form=form), bars)


def test_the_same_seed_gives_the_same_piece_and_another_seed_another() -> None:
    first, again, other = (compose(np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert first == again
    assert first.notes != other.notes


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"genre": "polkatronica"}, "polkatronica"),
        ({"form": "rondo"}, "rondo"),
        ({"bars": 0}, "0"),
        ({"bpm": 240.0}, "240"),
    ],
)
def test_what_cannot_be_composed_is_refused_by_name(wrong: dict, named: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(ValueError, match=re.escape(named)):
        compose(np.random.default_rng(0), **wrong)


def test_a_loop_is_groove_throughout_and_an_intro_comes_first() -> None:
    for seed in range(10):
        assert {s.section for s in compose(np.random.default_rng(seed), form="loop").spans} == {Section.GROOVE}
        assert compose(np.random.default_rng(seed), form="intro").spans[0].section == Section.INTRO


def test_a_break_lasts_about_eight_seconds_and_mostly_has_no_rhythm() -> None:
    silent = 0
    for seed in range(40):
        piece = compose(np.random.default_rng(seed), form="break", bpm=float(70 + 3 * seed), bars=32)
        before, pause, after = (span for span in _merged(piece))
        assert before[0] == Section.GROOVE and pause[0] == Section.BREAK
        assert after[0] in (Section.GROOVE, Section.DROP)
        seconds = float(np.diff(piece.tempo.seconds(np.array(pause[1:3])))[0])
        bar_s = piece.meter * 60.0 / piece.tempo.bpm[0]
        assert 6.5 - bar_s <= seconds <= 10.5 + bar_s
        silent += not next(span.has_rhythm for span in piece.spans if span.section == Section.BREAK)
    assert silent >= 20


def _merged(piece: Piece) -> list[tuple[Section, float, float]]:
    out: list[tuple[Section, float, float]] = []
    for span in piece.spans:
        if out and out[-1][0] == span.section:
            out[-1] = (span.section, out[-1][1], span.end)
        else:
            out.append((span.section, span.start, span.end))
    return out


def test_a_build_leads_into_a_drop_that_arrives_on_the_one() -> None:
    marked = drops = 0
    for seed in range(40):
        piece = compose(np.random.default_rng(seed), form="build-drop", bars=32)
        sections = [span.section for span in piece.spans]
        assert sections[-2:] == [Section.BUILD, Section.DROP]
        at = piece.spans[-1].start
        assert truth_of(piece).drop_s == pytest.approx([float(piece.tempo.seconds(at))])
        drops += 1
        marked += any(note.part in ("crash", "impact") and abs(note.beat - at) < 0.2 for note in piece.notes)
    assert marked == drops


def test_rolls_of_a_build_grow_denser_and_louder() -> None:
    denser = louder = 0
    for seed in range(60):
        piece = compose(np.random.default_rng(seed), genre="house", bpm=126, form="build-drop", bars=32)
        build = piece.spans[-2]
        middle = (build.start + build.end) / 2
        rolls = [
            n
            for n in piece.notes
            if n.part in ("snare", "clap", "tom_mid", "rim") and build.start <= n.beat < build.end
        ]
        first, second = ([n for n in rolls if (n.beat < middle) is early] for early in (True, False))
        denser += len(second) > len(first)
        louder += bool(first and second) and np.mean([n.velocity for n in second]) > np.mean(
            [n.velocity for n in first]
        )
    assert denser >= 40 and louder >= 35


def test_full_forms_of_32_bars_have_a_drop_after_a_break_or_build() -> None:
    for seed in range(40):
        assert len(truth_of(compose(np.random.default_rng(seed), form="full", bars=32)).drop_s) >= 1


def test_a_drumless_break_sounds_no_drum_and_a_groove_without_pulse_says_so() -> None:
    for seed in range(30):
        piece = compose(np.random.default_rng(seed), form="full", bars=48)
        for span in piece.spans:
            inside = [n for n in piece.notes if span.start + 0.2 <= n.beat < span.end - 0.2 and n.part in DRUMS]
            if not span.has_rhythm:
                bars = (span.end - span.start) / piece.meter
                assert sum(n.part != "crash" for n in inside) < 2 * bars + 2


def test_genres_cover_the_tempi_and_metres_asked_for() -> None:
    assert len(GENRES) >= 60
    assert min(style.bpm[0] for style in TABLE.values()) == 60
    assert max(style.bpm[1] for style in TABLE.values()) == 200
    assert {style.meter for style in TABLE.values()} >= {2, 3, 4, 5}


def test_some_pieces_have_no_kick_no_drums_or_only_drums() -> None:
    parts = [{n.part for n in compose(np.random.default_rng(seed), form="loop", bars=4).notes} for seed in range(300)]
    assert sum("kick" not in heard for heard in parts) > 15
    assert sum(not heard & set(DRUMS) for heard in parts) > 8
    assert sum(heard <= set(DRUMS) for heard in parts) > 8
    assert sum("kick" in heard and "bass" in heard for heard in parts) > 120


def test_about_every_seventh_piece_wanders_in_tempo_within_its_bounds() -> None:
    pieces = [compose(np.random.default_rng(seed), bars=4) for seed in range(250)]
    wandering = [p for p in pieces if len(p.tempo.bpm) > 4]
    assert 0.08 < len(wandering) / len(pieces) < 0.25
    for piece in wandering:
        bpm = np.array(piece.tempo.bpm)
        assert bpm.max() / bpm.min() <= 1.015 / 0.985 + 1e-9


def test_every_drop_brings_drums() -> None:
    for seed in range(60):
        piece = compose(np.random.default_rng(seed), form="build-drop", bars=16)
        drop = piece.spans[-1]
        assert drop.has_rhythm
        drums = [note for note in piece.notes if note.part in DRUMS and note.beat >= drop.start]
        assert len(drums) >= 2 * (drop.end - drop.start) / piece.meter


def test_pieces_of_one_genre_differ_in_their_rhythm() -> None:
    heard = set()
    for seed in range(40):
        piece = compose(np.random.default_rng(seed), genre="house", bpm=124, form="loop", bars=2)
        heard.add(frozenset((round(4 * note.beat), note.part) for note in piece.notes))
    assert len(heard) == 40
