"""Bytes of `livedance.v1`: golden vectors, round trips, and nothing but `WireError` on damage."""

import base64
import json
import math
import struct
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livedance import rotations
from livedance.broadcast import wire
from livedance.errors import WireError
from livedance.messages import ClockState, LockState, MotionWindow, Origin, Section, Source
from livedance.messages import Levels as LevelsRecord

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "wire.json").read_text("utf-8"))


def motion(samples: int = 32, seed: int = 0) -> MotionWindow:
    rng = np.random.default_rng(seed)
    return MotionWindow(
        beat_start=3.5,
        root_position_m=rng.normal(size=(samples, 3)),
        joint_rotations_wxyz=rotations.normalise(rng.normal(size=(samples, 23, 4))),
        foot_contact=rng.random((samples, 4)),
        hands=rng.integers(0, 5, (samples, 2)).astype(np.uint8),
        plan=7,
        dancer=2,
        origin=Origin.NETWORK,
        seam_samples=3,
    )


@pytest.mark.parametrize("case", GOLDEN["messages"], ids=lambda case: case["name"])
def test_golden_messages_decode_to_their_values_and_back(case):
    data = base64.b64decode(case["bytes"])
    message = wire.decode(data)
    assert type(message).__name__ == case["name"]
    assert {f.name for f in fields(message)} == set(case["values"])
    for name, expected in case["values"].items():
        value = getattr(message, name)
        if isinstance(value, np.ndarray | bytes):
            assert (
                np.frombuffer(value, np.uint8).tolist()
                if isinstance(value, bytes)
                else value.ravel().tolist() == expected
            )
        else:
            assert value == expected, name
    assert wire.encode(message) == data


@pytest.mark.parametrize("case", GOLDEN["odd"], ids=lambda case: case["why"])
def test_golden_odd_bytes_are_refused(case):
    with pytest.raises(WireError):
        wire.decode_all(base64.b64decode(case["bytes"]))


def test_golden_batch_holds_its_messages():
    case = GOLDEN["batches"][0]
    found = wire.decode_all(base64.b64decode(case["bytes"]))
    assert [type(m).__name__ for m in found] == case["names"]


def test_the_header_and_the_sizes_are_those_of_the_contract():
    data = wire.encode_clock(ClockState(t_s=2.5), seq=258)
    assert data[:16] == bytes([0x12, 1, 0, 0, 2, 1, 0, 0]) + struct.pack("<d", 2.5)
    assert len(data) == 16 + 5 * 8 + 3 * 4 + 2 * 4 + 5 + 3
    assert len(wire.encode_window(motion())) == 16 + 24 + 32 * (3 * 4 + 23 * 4 * 2 + 4 + 2)
    assert len(wire.encode_beat(t_s=0, bpm=120, confidence=1, index=0, in_bar=0)) == 32
    assert len(wire.encode_levels(LevelsRecord(), t_s=0)) == 40
    assert len(wire.encode_image(t_s=0, width=1, height=1, data=b"abc")) == 16 + 8 + 3


def test_a_clock_state_survives_the_wire():
    state = ClockState(
        t_s=12.25,
        beat_position=99.5,
        beats_per_s=2.1,
        dance_ratio=0.5,
        dance_offset=-3.25,
        bar_start_beat=96.0,
        confidence=0.5,
        source=Source.TAP,
        state=LockState.FREE_WHEEL,
        epoch=4,
        bar_index=24,
        phrase_bar=3,
        meter=3,
        section=Section.DROP,
        build=0.75,
    )
    assert wire.clock_state(wire.decode(wire.encode_clock(state, unix_s=1.0))) == state


def test_a_window_survives_within_a_rounding_step():
    window = motion()
    found = wire.quantised(window)
    assert np.abs(found.joint_rotations_wxyz - window.joint_rotations_wxyz).max() < 2.5 / 32767
    assert np.abs(np.linalg.norm(found.joint_rotations_wxyz, axis=-1) - 1).max() < 1e-12
    assert np.abs(found.root_position_m - window.root_position_m).max() < 1e-6
    assert np.abs(found.foot_contact - window.foot_contact).max() <= 0.5 / 255 + 1e-12
    assert (found.hands == window.hands).all()
    for name in ("beat_start", "plan", "dancer", "samples_per_beat", "seam_samples", "origin"):
        assert getattr(found, name) == getattr(window, name)


def test_the_brain_plays_exactly_what_the_bytes_say():
    window = motion(seed=3)
    played = wire.quantised(window)
    received = wire.motion_window(wire.decode(wire.encode_window(window)))
    assert (played.joint_rotations_wxyz == received.joint_rotations_wxyz).all()
    assert (played.root_position_m == received.root_position_m).all()
    assert (played.foot_contact == received.foot_contact).all()


@pytest.mark.parametrize("seed", range(5))
def test_quantised_motion_keeps_its_bytes(seed):
    window = motion(32, seed)
    assert wire.encode_window(wire.quantised(window)) == wire.encode_window(window)


def test_with_seq_changes_only_the_counter():
    data = wire.encode_clock(ClockState(t_s=1.0), seq=5)
    assert wire.with_seq(data, 2**32 + 9) == wire.encode_clock(ClockState(t_s=1.0), seq=9)


def test_encoding_refuses_what_the_field_cannot_carry():
    beat = wire.Beat(t_s=0.0, bpm=120, confidence=1, index=0, in_bar=300)
    with pytest.raises(WireError, match="Beat"):
        wire.encode(beat)
    pose = wire.Pose(t_s=0.0, positions=np.zeros((2, 23, 3), np.float32), dancers=1)
    with pytest.raises(WireError, match="positions"):
        wire.encode(pose)


def test_the_layout_table_has_one_class_for_each_name():
    assert {cls.__name__ for cls in wire.MESSAGES.values()} == set(wire.LAYOUTS)
    for cls in wire.MESSAGES.values():
        named = {f.name for f in cls.LAYOUT.fields} | {a.name for a in cls.LAYOUT.arrays}
        own = {f.name for f in fields(cls)} - {"t_s", "seq", "flags"}
        assert own == named | ({"data"} if cls.LAYOUT.has_tail else set())


SOME_BYTES = [wire.encode_window(motion(4)), wire.encode_clock(ClockState()), wire.encode_beat(
    t_s=0, bpm=120, confidence=1, index=0, in_bar=0)]  # fmt: skip
SOME_BYTES.append(wire.encode_batch(SOME_BYTES, t_s=0.0))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_raise_only_wire_errors(data):
    _decodes_or_refuses(data)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*wire.MESSAGES, wire.BATCH]), st.binary(max_size=300))
def test_random_payloads_raise_only_wire_errors(kind, payload):
    _decodes_or_refuses(wire.HEADER.pack(kind, 1, 0, 0, 0.0) + payload)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SOME_BYTES), st.integers(0, 2000), st.binary(min_size=1, max_size=8))
def test_damaged_messages_raise_only_wire_errors(data, at, damage):
    at %= len(data)
    _decodes_or_refuses(data[:at] + damage + data[at + len(damage) :])
    _decodes_or_refuses(data[:at])


def _decodes_or_refuses(data):
    try:
        found = wire.decode_all(data)
    except WireError:
        return
    for message in found:
        assert math.isfinite(message.t_s)
        if isinstance(message, wire.Window):
            assert np.isfinite(wire.motion_window(message).joint_rotations_wxyz).all()


@settings(max_examples=100, deadline=None)
@given(
    st.integers(2, 40),
    st.integers(0, 2**32 - 1),
    st.floats(-1e6, 1e6),
    st.integers(0, 63),
    st.sampled_from(Origin),
)
def test_windows_round_trip(samples, plan, beat_start, dancer, origin):
    window = motion(samples, seed=plan)
    message = wire.window_message(
        MotionWindow(
            beat_start=beat_start,
            root_position_m=window.root_position_m,
            joint_rotations_wxyz=window.joint_rotations_wxyz,
            foot_contact=window.foot_contact,
            hands=window.hands,
            plan=plan,
            dancer=dancer,
            origin=origin,
        ),
        t_s=1.0,
    )
    data = wire.encode(message)
    assert wire.encode(wire.decode(data)) == data
