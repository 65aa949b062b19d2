"""BVH files say what our forward kinematics says, read by a parser that knows nothing of our rig."""

import numpy as np
import pytest

from livedance.broadcast.bvh import euler_zxy, write_bvh
from livedance.dance.player import ScorePlayer
from livedance.errors import FileError
from livedance.evaluation.golden import LOCKED, window
from livedance.messages import Arrangement, ShownDancer
from livedance.skeleton import JOINT_NAMES


def frames(n=24, step=0.05):
    player = ScorePlayer()
    for k in range(4):
        player.add(window(0.5 + k, k))
    player.set_clock(LOCKED)
    player.set_arrangement(Arrangement(beat=1.0, dancers=(ShownDancer(id=0, yaw_rad=2.8), ShownDancer(id=1, x_m=1.0))))
    return [player.pose_at(k * step) for k in range(n)]


def turn(axis, degrees):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    i = "XYZ".index(axis)
    a, b = (i + 1) % 3, (i + 2) % 3
    m = np.eye(3)
    m[a, a], m[a, b], m[b, a], m[b, b] = c, -s, s, c
    return m


def read(path):
    """Return (names, frame time, positions (T, joints, 3) in the file's unit)."""
    words = path.read_text().split()
    joints, stack, at = [], [], 1
    pending = None
    while words[at] != "MOTION":
        word = words[at]
        if word in ("ROOT", "JOINT"):
            pending = {"name": words[at + 1], "parent": stack[-1] if stack else None, "channels": []}
            joints.append(pending)
            at += 2
        elif word == "End":
            pending = {"name": None}
            at += 2
        elif word == "{":
            stack.append(joints.index(pending) if pending["name"] else None)
            at += 1
        elif word == "}":
            stack.pop()
            at += 1
        elif word == "OFFSET":
            pending["offset"] = np.array(words[at + 1 : at + 4], float)
            at += 4
        elif word == "CHANNELS":
            n = int(words[at + 1])
            pending["channels"] = words[at + 2 : at + 2 + n]
            at += 2 + n
        else:
            raise AssertionError(word)
    n_frames, frame_time = int(words[at + 2]), float(words[at + 5])
    values = np.array(words[at + 6 :], float).reshape(n_frames, -1)
    places = np.zeros((n_frames, len(joints), 3))
    for f, row in enumerate(values):
        row = list(row)
        world = []
        for i, joint in enumerate(joints):
            shift, m = joint["offset"].copy(), np.eye(3)
            for channel in joint["channels"]:
                value = row.pop(0)
                if channel.endswith("position"):
                    shift["XYZ".index(channel[0])] += value
                else:
                    m = m @ turn(channel[0], value)
            if joint["parent"] is None:
                places[f, i], world_m = shift, m
            else:
                places[f, i] = places[f, joint["parent"]] + world[joint["parent"]] @ shift
                world_m = world[joint["parent"]] @ m
            world.append(world_m)
        assert not row
    return [j["name"] for j in joints], frame_time, places


def test_another_reader_finds_our_joints(tmp_path):
    poses = frames()
    written = write_bvh(tmp_path / "a.bvh", poses, fps=20)
    assert [p.name for p in written] == ["a.bvh", "a-1.bvh"]
    names, frame_time, places = read(written[0])
    assert sorted(names) == sorted(JOINT_NAMES)
    assert frame_time == pytest.approx(0.05)
    expected = np.array([p.joint_positions_m[0] for p in poses])
    ours = places[:, [names.index(name) for name in JOINT_NAMES]] / 100
    # Before its beat the arrangement shows one dancer without the turn: the same track, no gap.
    assert np.abs(ours - expected).max() < 1e-4


def test_a_dancer_that_comes_later_waits_in_its_first_pose(tmp_path):
    poses = frames()
    _, second = write_bvh(tmp_path / "a.bvh", poses, fps=20)
    names, _, places = read(second)
    assert len(places) == len(poses)
    assert np.allclose(places[0], places[9], atol=1e-6)
    head = names.index("head")
    assert np.allclose(places[15, head] / 100, poses[15].joint_positions_m[1, JOINT_NAMES.index("head")], atol=1e-4)


def test_angles_have_no_jumps():
    angle = np.linspace(0, 3 * np.pi, 200)
    q = np.stack([np.cos(angle / 2), 0 * angle, np.sin(angle / 2), 0 * angle], axis=-1)[:, None]
    found = euler_zxy(q)
    assert np.abs(np.diff(found, axis=0)).max() < 5
    assert found[-1, 0, 2] == pytest.approx(540, abs=1)


def test_nothing_half_written_stays(tmp_path):
    def broken():
        yield frames(1)[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_bvh(tmp_path / "a.bvh", broken(), fps=20)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileError, match="cannot write"):
        write_bvh(tmp_path / "none" / "a.bvh", frames(1), fps=20)
