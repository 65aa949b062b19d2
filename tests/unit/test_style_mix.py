"""How people write a mix of styles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedance import style_mix
from livedance.errors import ConfigError

KNOWN = ("auto", "club", "jazz", "salsa")


def test_a_name_and_mixes_are_read():
    assert style_mix.parse("salsa", KNOWN) == (("salsa", 1.0),)
    assert style_mix.parse("club:3+jazz", KNOWN) == (("club", 0.75), ("jazz", 0.25))
    assert style_mix.parse(" jazz : 0.5 + club:1.5 ", KNOWN) == (("club", 0.75), ("jazz", 0.25))
    assert style_mix.parse("club+jazz:2+club", KNOWN) == (("club", 0.5), ("jazz", 0.5))
    assert style_mix.parse("anything", ()) == (("anything", 1.0),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("salza", "did you mean 'salsa'"),
        ("club:2+jaz:1", "did you mean 'jazz'"),
        ("club:0+jazz", "'club' is '0'"),
        ("club:nan", "no number"),
        ("club:-1", "no number"),
        ("club:1e9", "no number"),
        ("club:x", "'x'"),
        ("club+", "empty part"),
        ("", "empty part"),
        ("auto+club", "cannot be part"),
        ("club+" * 60 + "club", "too long"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(text, said):
    with pytest.raises(ConfigError, match=said) as error:
        style_mix.parse(text, KNOWN)
    assert "\n" not in str(error.value)


@given(st.dictionaries(st.sampled_from(KNOWN[1:]), st.floats(0.01, 100), min_size=1))
def test_what_is_written_is_read_back(weights):
    mix = style_mix.normalised(weights.items())
    again = style_mix.parse(style_mix.text_of(mix), KNOWN)
    assert [name for name, _ in again] == [name for name, _ in mix]
    assert [w for _, w in again] == pytest.approx([w for _, w in mix], abs=0.005)
    assert sum(w for _, w in again) == pytest.approx(1.0)


def test_blend_goes_from_one_to_the_other():
    assert style_mix.blend("club", "jazz", 0.0) == "club"
    assert style_mix.blend("club", "jazz", 1.0) == "jazz"
    assert style_mix.blend("club", "jazz", 0.25) == "club:0.75+jazz:0.25"
    assert style_mix.blend("club+salsa", "jazz", 0.5) == "club:0.25+jazz:0.5+salsa:0.25"
    assert style_mix.blend("club", "jazz", float("nan")) == "club"
