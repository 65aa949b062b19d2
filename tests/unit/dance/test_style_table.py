"""The written table of styles and the choice of the next one."""

from __future__ import annotations

from collections import Counter
from itertools import groupby, pairwise

import numpy as np
import pytest

from livedance.dance import library, style_table
from livedance.dance.style_table import Heard, Kick
from livedance.errors import ConfigError, FileError

FOUR, BROKEN, SPARSE = (Kick(four=a, broken=b, sparse=c) for a, b, c in ((1, 0, 0), (0, 1, 0), (0, 0, 1)))


@pytest.fixture(scope="module")
def table():
    return style_table.load(known=library.style_names())


def first(table, **heard):
    return max(table.mix(Heard(**heard)), key=lambda pair: pair[1])[0]


def test_every_style_of_the_library_has_its_music(table):
    assert set(table.styles) == set(library.style_names())


def test_the_table_says_what_the_music_asks_for(table):
    assert first(table, tempo=124, energy=0.7, kick=FOUR) == "club"
    assert first(table, tempo=138, energy=0.9, kick=FOUR) == "hype"
    assert first(table, tempo=92, energy=0.5, brightness=0.4, kick=BROKEN) in ("groove", "hype")
    assert first(table, tempo=96, energy=0.6, brightness=0.7, kick=BROKEN) == "salsa"
    assert first(table, tempo=100, energy=0.8, brightness=0.4, kick=BROKEN, swing=0.8) == "indian"
    assert first(table, tempo=120, energy=0.5, kick=FOUR, swing=0.95) == "jazz"
    assert first(table, tempo=80, energy=0.1, kick=SPARSE) == "modern"
    assert "break" in dict(table.mix(Heard(tempo=110, energy=0.8, brightness=0.4, kick=BROKEN)))


def test_every_music_has_a_mix(table):
    rng = np.random.default_rng(0)
    for _ in range(300):
        four, broken, sparse = rng.dirichlet([1, 1, 1])
        energy, brightness, swing = rng.random(3)
        kick = Kick(four=four, broken=broken, sparse=sparse)
        heard = Heard(tempo=rng.uniform(40, 220), energy=energy, brightness=brightness, kick=kick, swing=swing)
        mix = table.mix(heard)
        assert sum(weight for _, weight in mix) == pytest.approx(1.0)
        assert list(mix) == sorted(mix) and all(weight >= style_table.LEAST_SHARE for _, weight in mix)


def test_a_little_more_energy_changes_little(table):
    energies = np.linspace(0, 1, 101)
    mixes = [dict(table.mix(Heard(tempo=124, energy=float(e), kick=FOUR))) for e in energies]
    for a, b in pairwise(mixes):
        assert sum(abs(a.get(s, 0) - b.get(s, 0)) for s in {*a, *b}) < 0.2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("row = 3", "row = '3' cannot be used"),
        ("", "'row' is missing"),
        ("[[row]]\nname='a'\nstyles={club=1}\ntempi=[1,2]", "there is no key 'row.0.tempi'; did you mean 'tempo'"),
        ("[[row]]\nname='a'\nstyles={club=1}\nenergy=[0.9, 0.1]", "range of energy in the row 'a' falls"),
        ("[[row]]\nname='a'\nstyles={club=1}\nkick=['five']", "'five'"),
        ("[[row]]\nname='a'\nstyles={}", "styles"),
        ("[[row]]\nname='a'\nstyles={club=0}", "greater than 0"),
        ("[[row]]\nname='a'\nstyles={clbu=1}", "did you mean 'club'"),
        ("[[row]", "not valid TOML"),
    ],
)
def test_a_bad_table_is_told_in_one_sentence(tmp_path, text, said):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=said) as error:
        style_table.load(path, known=("club", "jazz"))
    assert "mine.toml" in str(error.value) and str(error.value).count("\n") <= ("TOML" in said)


def test_a_table_of_ones_own_rules(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("[[row]]\nname='all'\nstyles={jazz=3, club=1}", encoding="utf-8")
    assert style_table.load(path).mix(Heard(tempo=300)) == (("club", 0.25), ("jazz", 0.75))
    with pytest.raises(FileError, match=r"none\.toml"):
        style_table.load(tmp_path / "none.toml")


def picks(mix, n, seed=0):
    recent: list[str] = []
    for form in range(n):
        recent.append(style_table.pick(mix, recent, np.random.default_rng([seed, form])))
    return recent


@pytest.mark.parametrize(
    "mix", ["club:2+jazz:1", "club+jazz+salsa+hype", "club:8+jazz:1+salsa:1", "groove", "club:6+hype:3+modern:1"]
)
def test_twenty_forms_hold_the_proportions(mix):
    weights = style_table.parse(mix)
    for seed in range(20):
        count = Counter(picks(weights, 40, seed)[20:])
        for style, weight in weights:
            assert abs(count[style] - 20 * weight) <= 3.5, (seed, count)


def test_a_style_stays_for_a_while_and_goes_when_the_music_has_left_it():
    styles = picks(style_table.parse("club+jazz+salsa"), 60)
    runs = [len(list(run)) for _, run in groupby(styles)]
    assert min(runs[:-1]) >= style_table.STAY_FORMS
    assert style_table.pick(style_table.parse("jazz"), ["club"], np.random.default_rng(0)) == "jazz"


def test_seeds_differ_and_repeat():
    mix = style_table.parse("club+jazz+salsa+hype+groove")
    firsts = {tuple(picks(mix, 6, seed)) for seed in range(12)}
    assert len(firsts) > 6
    assert picks(mix, 30, 5) == picks(mix, 30, 5)
