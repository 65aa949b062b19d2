"""Bytes of the OSC profiles against python-osc's own builder and parser."""

from __future__ import annotations

import numpy as np
import pytest
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from livedance import registry, skeleton
from livedance.broadcast.osc_profile import MAX_DANCERS, PackedProfile
from livedance.broadcast.osc_template import MAX_DATAGRAM_BYTES
from livedance.broadcast.osc_values import OscStats
from livedance.errors import ConfigError
from livedance.messages import Levels
from tests.unit.broadcast.osc_samples import clock, pose
from tests.unit.broadcast.osc_samples import frame as osc_frame

PROFILES = ("default", "td")


def build(name: str, **options: object) -> PackedProfile:
    profile = registry.build("osc_profile", name, options)
    assert isinstance(profile, PackedProfile)
    return profile


def frame(profile: PackedProfile, n_shown: int = 1, t_s: float = 1.25) -> list[bytes]:
    levels = Levels(rms=0.5, bass=0.25)
    stats = OscStats(fps=60.0, dropped=2, state=5)
    return profile.encode(osc_frame(pose(n_shown, t_s), levels=levels, t_s=t_s, index=3, stats=stats))


def contents(datagrams: list[bytes]) -> dict[str, list[float]]:
    return {m.address: m.params for d in datagrams for m in OscBundle(d)}


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("n_dancers", [1, 3])
def test_datagrams_are_the_bytes_that_python_osc_builds(name: str, n_dancers: int) -> None:
    profile = build(name, n_dancers=n_dancers)
    tags = {field.address: field.types for field in profile.fields}
    for datagram in frame(profile, n_dancers):
        builder = OscBundleBuilder(IMMEDIATELY)
        for message in OscBundle(datagram):
            rebuilt = OscMessageBuilder(message.address)
            for tag, value in zip(tags[message.address], message.params, strict=True):
                rebuilt.add_arg(value, tag)
            builder.add_content(rebuilt.build())
        assert builder.build().dgram == datagram


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("n_dancers", [1, 4, 16])
def test_datagrams_are_short_and_immediate_and_each_address_comes_once(name: str, n_dancers: int) -> None:
    profile = build(name, n_dancers=n_dancers)
    datagrams = frame(profile, n_dancers)
    assert max(map(len, datagrams)) <= MAX_DATAGRAM_BYTES
    assert all(d[8:16] == bytes(7) + b"\x01" for d in datagrams)
    addresses = [m.address for d in datagrams for m in OscBundle(d)]
    assert sorted(addresses) == sorted(f.address for f in profile.fields if not f.address.endswith("beat/hit"))


@pytest.mark.parametrize("name", PROFILES)
def test_the_layout_does_not_change_with_the_dancers_seen(name: str) -> None:
    profile = build(name, n_dancers=2)
    layouts = [[len(d) for d in frame(profile, n)] for n in (2, 1, 0, 5)]
    assert all(layout == layouts[0] for layout in layouts)


def test_default_sends_what_the_pose_holds() -> None:
    said = contents(frame(build("default")))
    assert said["/livedance/dancer/1/l_wrist"] == pytest.approx(
        pose().joint_positions_m[0, skeleton.INDEX["l_wrist"]], abs=1e-6
    )
    assert said["/livedance/frame"] == [3]
    assert said["/livedance/audio/bass"] == [0.25]
    assert said["/livedance/state"] == [5]
    assert said["/livedance/beat/count"] == [2]
    assert said["/livedance/dancer/1/conf"] == [1.0]


def test_default_counts_dancers_from_one() -> None:
    said = contents(frame(build("default", n_dancers=2), 2))
    assert said["/livedance/dancer/2/hips"][0] == pytest.approx(1.0)
    assert not any(address.startswith("/livedance/dancer/0") for address in said)


def test_td_sends_one_float_per_address_with_mediapipe_names() -> None:
    profile = build("td")
    assert {field.types for field in profile.fields} == {"f"}
    said = contents(frame(profile))
    wrist = pose().joint_positions_m[0, skeleton.INDEX["l_wrist"]]
    leaves = [said[f"/livedance/dancer/1/left_wrist/{axis}"][0] for axis in "xyz"]
    assert leaves == pytest.approx(wrist, abs=1e-6)
    assert "/livedance/dancer/1/right_foot_index/y" in said
    root = "/livedance/dancer/1/root"
    assert [f"{root}/{leaf}" in said for leaf in ("x", "y", "z", "qx", "qy", "qz", "qw")] == [True] * 7
    assert said[f"{root}/qw"][0] == pytest.approx(0.9553, abs=1e-4)


@pytest.mark.parametrize("name", PROFILES)
def test_the_hit_is_a_datagram_of_its_own(name: str) -> None:
    profile = build(name)
    hits = [(n, d) for n in range(120) for d in profile.encode_hit(clock(), n / 100)]
    assert [n for n, _ in hits] == [50, 100]
    assert all(set(contents([d])) == {"/livedance/beat/hit"} for _, d in hits)
    assert not any("/livedance/beat/hit" in contents(frame(profile, t_s=n / 60)) for n in range(60))


def test_default_sends_the_joints_as_the_camera_sees_them() -> None:
    profile, picture = build("default", picture=True), np.zeros((1, 23, 3))
    picture[0, skeleton.INDEX["l_wrist"]] = (0.75, 0.25, 1.0)
    datagrams = profile.encode(osc_frame(pose(), picture=picture))
    assert contents(datagrams)["/livedance/dancer/1/2d/l_wrist"] == [0.75, 0.25, 1.0]


def test_the_prefix_is_a_setting() -> None:
    assert all(f.address.startswith("/show/a/") for f in build("default", prefix="/show/a/").fields)


@pytest.mark.parametrize(
    "options", [{"n_dancers": 0}, {"n_dancers": MAX_DANCERS + 1}, {"prefix": "x"}, {"prefix": "/a b"}]
)
def test_settings_that_cannot_be_are_named(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        build("default", **options)


def test_a_prefix_too_long_for_a_datagram_is_named() -> None:
    with pytest.raises(ConfigError, match="prefix"):
        build("default", prefix="/" + "x" * 1400)
