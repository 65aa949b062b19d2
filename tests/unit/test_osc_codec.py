"""OSC bytes: against python-osc's builder and parser, and against garbage."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage as TheirMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from livedance import osc_codec
from livedance.errors import WireError
from livedance.osc_codec import OscMessage


def theirs(address: str, *args: tuple[str, object]) -> bytes:
    builder = OscMessageBuilder(address)
    for tag, value in args:
        builder.add_arg(value, tag)
    return builder.build().dgram


def test_a_message_has_the_bytes_of_python_osc() -> None:
    ours = osc_codec.message("/livedance/info/style", "house", 7, 0.5)
    assert ours == theirs("/livedance/info/style", ("s", "house"), ("i", 7), ("f", 0.5))


def test_a_bundle_has_the_bytes_of_python_osc() -> None:
    builder = OscBundleBuilder(IMMEDIATELY)
    builder.add_content(OscMessageBuilder("/a").build())
    builder.add_content(TheirMessage(theirs("/b", ("f", 1.5))))
    assert osc_codec.bundle([theirs("/a"), theirs("/b", ("f", 1.5))]) == builder.build().dgram
    assert OscBundle(osc_codec.bundle([osc_codec.message("/b", 1.5)])).content(0).params == [1.5]


def test_every_argument_type_is_read() -> None:
    data = theirs(
        "/x",
        ("i", -3), ("f", 0.25), ("d", 0.1), ("h", 2**40), ("s", "häuser"), ("b", b"abc"),
        ("T", True), ("F", False), ("N", None),
    )  # fmt: skip
    expected = OscMessage("/x", (-3, 0.25, 0.1, 2**40, "häuser", b"abc", True, False, None))
    assert osc_codec.decode(data) == [expected]


def test_a_bundle_is_flattened_and_its_time_tag_ignored() -> None:
    inner = osc_codec.bundle([osc_codec.message("/inner", 1)])
    late = b"#bundle\0" + (2**63).to_bytes(8, "big")
    data = late + b"".join(len(m).to_bytes(4, "big") + m for m in (inner, osc_codec.message("/outer", 2)))
    assert [m.address for m in osc_codec.decode(data)] == ["/inner", "/outer"]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"/", b"hello\0\0\0", b"/a\0\0i\0\0\0", b"/a\0\0,i\0\0\0\0", b"/a\0\0,b\0\0\x7f\xff\xff\xff", b"#bundle\0",
        b"#bundle\0" + bytes(8) + b"\xff\xff\xff\xff", b"#bundle\0" + bytes(8) + b"\0\0\0\x10/a\0\0", b"/a\0\0,Q\0\0",
        b"/tap\0\0\0", b"/a\0\0,i\0\0\0\0\0\7\0",
    ],
)  # fmt: skip
def test_broken_datagrams_raise_one_named_error(data: bytes) -> None:
    with pytest.raises(WireError):
        osc_codec.decode(data)


def test_deep_nesting_is_refused() -> None:
    data = osc_codec.message("/a")
    for _ in range(200):
        data = osc_codec.bundle([data])
    with pytest.raises(WireError, match="nested"):
        osc_codec.decode(data)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"", b"/a\0\0,", b"#bundle\0" + bytes(8)]))
def test_garbage_gives_messages_or_a_wire_error(tail: bytes, head: bytes) -> None:
    try:
        osc_codec.decode(head + tail)
    except WireError:
        return


def test_numbers_outside_32_bits_are_kept_within() -> None:
    assert struct.unpack(">i", osc_codec.message("/a", 2**40)[-4:])[0] == 2**31 - 1
