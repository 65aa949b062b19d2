"""JSON text messages: what strangers send is read or refused in one sentence, never worse."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livedance.broadcast import text
from livedance.errors import WireError
from livedance.messages import Arrangement, ShownDancer
from livedance.skeleton import JOINT_NAMES, REST_HIPS_HEIGHT_M


def test_messages_are_read_and_unknown_keys_dropped():
    hello = text.parse('{"type":"hello","want":["score","pose"],"token":"t","later":1}')
    assert isinstance(hello, text.Hello)
    assert (hello.want, hello.token, hello.max_fps) == (["score", "pose"], "t", 60.0)
    assert text.parse('{"type":"ping","t0":1.5}').t0 == 1.5
    assert text.parse('{"type":"ack","seq":7}').seq == 7
    control = text.parse('{"type":"control","id":3,"op":"blackout","args":{"on":true}}')
    assert (control.op, control.args) == ("blackout", {"on": True})


def test_unknown_types_are_ignored():
    assert text.parse('{"type":"from the future","x":1}') is None
    assert text.parse("{}") is None


@pytest.mark.parametrize(
    "odd",
    [
        "",
        "[]",
        "7",
        '"x"',
        "{",
        "\ud800",
        '{"type":"ping"}',
        '{"type":"ping","t0":"soon"}',
        '{"type":"ping","t0":NaN}',
        '{"type":"ping","t0":1e999}',
        '{"type":"ack","seq":-1}',
        '{"type":"control"}',
        '{"type":"control","op":"' + "x" * 40 + '"}',
        '{"type":"hello","want":' + json.dumps(["pose"] * 20) + "}",
        '{"type":"report","fps":-1}',
        "[" * 4000,
        '{"type":"hello","name":"' + "x" * 5000 + '"}',
        b"\xff\xfe\x00",
    ],
)
def test_odd_texts_are_one_wire_error(odd):
    with pytest.raises(WireError) as found:
        text.parse(odd)
    assert "\n" not in str(found.value)


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
        max_leaves=12,
    ),
    st.sampled_from(list(text.FROM_CLIENT)),
    st.sampled_from(["t0", "seq", "op", "args", "want", "token", "fps", "value"]),
)
def test_any_json_is_read_or_refused(value, kind, key):
    with contextlib.suppress(WireError):
        text.parse(json.dumps({"type": kind, key: value}))


def test_welcome_carries_the_rig_and_the_rest_pose():
    found = json.loads(text.welcome(session="s", boot="b", server_s=1.25, state={"blackout": False}))
    assert found["type"] == "welcome"
    assert found["rig"]["joints"] == list(JOINT_NAMES)
    assert found["rig"]["rest_positions_m"][0] == [0.0, REST_HIPS_HEIGHT_M, 0.0]
    assert (found["session"], found["boot"], found["server_s"]) == ("s", "b", 1.25)
    assert found["state"] == {"blackout": False}


def test_what_is_sent_is_always_json():
    assert json.loads(text.dump("stats", {"x": float("nan"), "y": [float("inf"), 1.0]})) == {
        "type": "stats",
        "x": None,
        "y": [None, 1.0],
    }
    assert json.loads(text.pong(t0=1, t1=2, t2=3)) == {"type": "pong", "t0": 1, "t1": 2, "t2": 3}
    assert json.loads(text.error(code="busy", message="m"))["fatal"] is False


def test_an_arrangement_comes_back_as_it_was():
    arrangement = Arrangement(
        beat=8.0,
        dancers=(ShownDancer(id=0), ShownDancer(id=3, source=1, mirror=True, lag_beats=2.5, x_m=-1, yaw_rad=1)),
    )
    assert text.arrangement_from(json.loads(json.dumps(text.arrangement_fields(arrangement)))) == arrangement
    for odd in (
        None,
        {"dancers": [{"id": 99}]},
        {"dancers": [{"id": 1, "lag_beats": 9}]},
        {"beat": "x", "dancers": []},
    ):
        with pytest.raises(WireError):
            text.arrangement_from(odd)
