"""Dressed dancers: what ships, how a pose moves it, and the picture."""

from __future__ import annotations

import copy
import logging
from dataclasses import replace

import numpy as np
import pytest

from livedance import paths, registry, rotations, skeleton
from livedance.cli.run import check_look
from livedance.errors import ConfigError, LookUnavailable, MissingExtra, ModelError
from livedance.messages import Hand, Levels
from livedance.render.bench import swaying
from livedance.render.layers import Layers
from livedance.render.look import DrawContext
from livedance.render.mesh import figure, gl, look, rig
from livedance.render.neon import Neon

LOOK = look.Mesh()


def posed(**joints: tuple[float, float, float]):
    """Somebody at rest, with some joints turned (rotation vectors)."""
    root, turned = skeleton.rest_pose()
    turned = turned.copy()
    for name, turn in joints.items():
        turned[skeleton.INDEX[name]] = rotations.from_rotvec(np.array(turn))
    places = skeleton.forward_kinematics(root[None], turned[None])
    return replace(
        swaying(0.0), root_position_m=root[None], joint_rotations_wxyz=turned[None], joint_positions_m=places
    )


def moved(pose):
    return np.concatenate([rig.motions(pose, rig.bent(pose.hands)), rig.twists(pose)], axis=1)


def context(**kwargs):
    return DrawContext(
        **{"width_px": 320, "height_px": 320, "levels": Levels(energy=0.6), "background": "none"} | kwargs
    )


@pytest.fixture(scope="module", params=look.ORDER)
def worn(request):
    return figure.load(request.param)


def test_a_figure_stands_on_the_floor_and_is_carried_by_its_bones(worn):
    low, high = worn.position_m.min(axis=0), worn.position_m.max(axis=0)
    assert -0.005 < low[1] < 0.01 and 1.70 < high[1] < 1.90
    assert low[0] == pytest.approx(-high[0], abs=0.02)  # both hands reach as far
    assert np.allclose(worn.weights.sum(axis=1), 1.0, atol=1e-5) and (worn.weights >= 0.0).all()
    assert np.allclose(np.linalg.norm(worn.normal, axis=1), 1.0, atol=0.02)
    carried = worn.weights.sum(axis=0) > 0.0
    assert all(carried[figure.ROW[f"{side}_{bone}"]] for side in "lr" for bone in ("knee", "wrist", "index_tip", "toe"))


def test_its_surface_is_closed_and_faces_outwards(worn):
    edges = np.sort(worn.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    _, uses = np.unique(edges, axis=0, return_counts=True)
    assert (uses == 2).mean() > 0.999
    a, b, c = (worn.position_m[worn.triangles[:, i]].astype(np.float64) for i in range(3))
    face = np.cross(b - a, c - a)
    outward = np.einsum("fi,fi->f", face, worn.normal[worn.triangles].mean(axis=1)) > 0.0
    assert (outward | (np.linalg.norm(face, axis=1) < 1e-6)).mean() > 0.98


def test_the_rest_pose_moves_nothing_but_relaxed_fingers(worn):
    position, normal = look.skinned(worn, moved(posed())[0])
    gone = np.linalg.norm(position - worn.position_m, axis=1)
    assert gone[np.abs(worn.position_m[:, 0]) < 0.70].max() < 0.002
    assert 0.01 < gone.max() < 0.12
    assert np.allclose(np.linalg.norm(normal, axis=1), 1.0, atol=0.1)


def test_a_bent_elbow_takes_the_forearm_along_and_leaves_the_rest(worn):
    position, _ = look.skinned(worn, moved(posed(l_elbow=(0.0, 0.0, 1.2)))[0])
    gone = np.linalg.norm(position - worn.position_m, axis=1)
    left = worn.position_m[:, 0]
    wrist = np.abs(left - 0.70) < 0.02
    assert gone[wrist].min() > 0.2
    assert gone[left < 0.38].max() < 0.03 or gone[(left < 0.38) & (left > -0.6)].max() < 0.03


def test_arms_carry_nothing_below_the_ribs(worn):
    low = worn.position_m[:, 1] < 1.10
    arms = [figure.ROW[f"{side}_{joint}"] for side in "lr" for joint in ("shoulder", "elbow", "wrist")]
    assert worn.weights[low][:, arms].max() < 0.01, "a raised arm would lift the hem like a wing"


@pytest.mark.parametrize("side", ["l", "r"])
def test_a_twisted_upper_arm_keeps_its_width_at_the_shoulder(worn, side):
    """The sleeve takes the twist up on its way out; mixed at the shoulder alone, it would be wrung."""
    sign = 1.0 if side == "l" else -1.0
    sleeve = np.abs(worn.position_m - [sign * 0.26, figure.SHOULDER_Y_M, 0.0])[:, 0] < 0.05
    sleeve &= np.abs(worn.position_m[:, 1] - figure.SHOULDER_Y_M) < 0.12

    def width(turn):
        position, _ = look.skinned(worn, moved(posed(**{f"{side}_shoulder": (turn, 0.0, 0.0)}))[0])
        return np.linalg.norm(position[sleeve][:, 1:] - [figure.SHOULDER_Y_M, 0.0], axis=1).mean()

    assert width(2.2) > 0.80 * width(0.0)
    # And all the way at the elbow.
    at = rig.motions(posed(**{f"{side}_shoulder": (2.2, 0.0, 0.0)}), np.zeros((1, 2, 5, 3)))[0]
    assert np.allclose(at[figure.ROW[f"{side}_shoulder"], :3, :3], at[figure.ROW[f"{side}_elbow"], :3, :3], atol=1e-6)


@pytest.mark.parametrize("hand", [0, 1])
def test_a_fist_closes_and_a_flat_hand_is_straight(hand):
    def reach(number: int) -> float:
        hands = np.zeros((1, 2), np.uint8)
        hands[0, hand] = number
        motion = moved(replace(posed(), hands=hands))[0]
        side, sign = ("l", 1.0) if hand == 0 else ("r", -1.0)
        tip = figure.FINGER_M[2, 1] * [sign, 1.0, 1.0]
        at = motion[figure.ROW[f"{side}_middle_tip"]] @ np.append(tip, 1.0)
        assert number == 2 or at[1] < tip[1]  # fingers close towards the palm
        return float(abs(at[0]))

    assert reach(2) > reach(0) > reach(1) + 0.03


def test_a_hand_closes_within_a_tenth_of_a_second_and_not_at_once():
    fingers = rig.Fingers()
    still = replace(posed(), t_s=1.0)
    start = fingers.follow(still)
    fist = np.full((1, 2), Hand.FIST, np.uint8)
    soon, later = (fingers.follow(replace(still, hands=fist, t_s=t_s)) for t_s in (1.0 + 1 / 60, 1.15))
    goal = rig.bent(fist)
    assert np.abs(soon - start).max() < 0.5 * np.abs(goal - start).max()
    assert np.abs(later - goal).max() < 0.1 * np.abs(goal - start).max()
    assert np.array_equal(fingers.follow(replace(still, t_s=30.0)), start)  # after a jump at once


def test_toes_lie_flat_when_the_heel_lifts():
    lifted = posed(l_ankle=(0.6, 0.0, 0.0))
    places = lifted.joint_positions_m.copy()
    drop = places[0, skeleton.INDEX["l_toe"], 1] - 0.035
    places[..., 1] -= drop
    motion = moved(replace(lifted, joint_positions_m=places))[0]
    up = motion[figure.ROW["l_toe"], :3, :3] @ [0.0, 1.0, 0.0]
    assert up[1] > 0.999 and (motion[figure.ROW["l_ankle"], :3, :3] @ [0.0, 1.0, 0.0])[1] < 0.85


def test_the_dancer_is_where_the_other_looks_draw_it():
    pose = swaying(1.3)
    ours = LOOK.draw(pose, context())[..., 3] > 128
    theirs = registry.build("look", "silhouette").draw(pose, context())[..., 3] > 128
    assert 0.05 < ours.mean() < 0.4
    assert (ours & theirs).sum() > 0.8 * theirs.sum()


def test_a_picture_is_made_the_same_way_twice_and_the_palette_shows():
    first, again = (look.Mesh().draw(swaying(0.7), context(background="stage")) for _ in range(2))
    assert np.array_equal(first, again)
    other = LOOK.draw(swaying(0.7), context(background="stage", palette=1))
    assert np.abs(first.astype(int) - other).mean() > 2.0


def test_on_a_gpu_edges_are_softened_by_several_samples_a_pixel():
    card = copy.copy(gl.shared())
    card.is_software = False
    ours = look.Mesh(gl=card).draw(swaying(0.7), context(background="stage")).astype(int)
    assert np.abs(ours - LOOK.draw(swaying(0.7), context(background="stage"))).mean() < 2.0
    alpha = look.Mesh(gl=card).draw(swaying(0.7), context())[..., 3]
    assert ((alpha > 20) & (alpha < 235)).sum() > 200


def test_what_stays_on_the_card_is_what_is_read_back():
    ours = look.Mesh().draw(swaying(0.7), context(background="stage"))
    painted = look.Mesh().paint(swaying(0.7), context(background="stage"))
    data = painted.frame.read(components=4, alignment=1)
    assert np.array_equal(np.frombuffer(data, np.uint8).reshape(ours.shape), ours)


def test_a_quick_hand_leaves_a_trail_that_a_cut_forgets():
    def wave(t_s):
        return replace(posed(l_shoulder=(0.0, 0.0, 8.0 * t_s - 1.0)), t_s=t_s, beat_position=2.0 * t_s)

    moving, cut = look.Mesh(), look.Mesh()
    for i in range(12):
        image = moving.draw(wave(i / 60), context())
    still = cut.draw(wave(11 / 60), context())
    assert np.abs(image.astype(int) - still).max() > 20
    moving.reset()
    assert np.array_equal(moving.draw(wave(11 / 60), context()), still)


def test_three_dancers_wear_three_outfits_and_nobody_is_an_empty_stage():
    assert set(look.ORDER) == {path.stem for path in paths.model_dir(figure.NAME).glob("*.npz")}
    three = LOOK.draw(swaying(0.7, 3), context(width_px=640))[..., 3] > 128
    one = LOOK.draw(swaying(0.7, 1), context(width_px=640))[..., 3] > 128
    assert three.sum() > 1.2 * one.sum()
    assert LOOK.draw(swaying(0.7, 0), context()).max() == 0


def test_the_floor_mirrors_and_shows_shadows_on_the_stage_only():
    pose = swaying(0.2)
    stage = LOOK.draw(pose, context(background="stage", camera="wide")).astype(int)
    empty = LOOK.draw(swaying(0.2, 0), context(background="stage", camera="wide")).astype(int)
    under = slice(290, 320)
    assert np.abs(stage - empty)[under].max() > 8


def test_without_opengl_another_look_stands_in_and_says_so(monkeypatch, caplog):
    def refused(*args, **kwargs):
        raise RuntimeError("no driver")

    monkeypatch.setattr("moderngl.create_context", refused)
    monkeypatch.setattr(look, "shared", gl.Gl)  # as in a process that has drawn nothing yet
    with pytest.raises(LookUnavailable, match=r"OpenGL 3\.3.*no driver"):
        gl.Gl()
    with caplog.at_level(logging.WARNING):
        layers = Layers("mesh")
    assert "neon" in caplog.text and "no driver" in caplog.text
    assert np.array_equal(layers.draw(swaying(0.5), context()), Neon().draw(swaying(0.5), context()))


def test_without_moderngl_the_command_line_names_the_install_line(monkeypatch):
    monkeypatch.setattr("livedance.cli.run.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"livedance\[gl\]"):
        check_look("mesh")
    check_look("neon")


def test_a_damaged_dancer_is_one_sentence(tmp_path):
    good = (paths.model_dir(figure.NAME) / "rider.npz").read_bytes()
    for name, data in (("cut", good[: len(good) // 2]), ("empty", b"")):
        path = tmp_path / f"{name}.npz"
        path.write_bytes(data)
        with pytest.raises(ModelError, match="train dancers"):
            figure.read(path)
    with pytest.raises(ModelError, match="cannot be read"):
        figure.read(tmp_path / "nobody.npz")


def test_a_foreign_or_older_dancer_is_one_sentence_and_another_look_stands_in(tmp_path, monkeypatch, caplog):
    with np.load(paths.model_dir(figure.NAME) / "rider.npz") as arrays:
        good = dict(arrays)
    bad = {
        "older": good | {"format": np.int32(figure.FORMAT - 1)},
        "other bones": good | {"bones": np.array(["hips", "tail"])},
        "no weights": {key: value for key, value in good.items() if key != "weight"},
        "a vertex too far": good | {"triangles": np.full((1, 3), 65_000, np.uint16)},
        "foreign": {"poses": np.zeros((3, 72))},
    }
    for content in bad.values():
        np.savez(tmp_path / "rider.npz", **content)
        with pytest.raises(ModelError, match=r"cannot be read.*train dancers"):
            figure.read(tmp_path / "rider.npz")
    monkeypatch.setattr(paths, "model_dir", lambda name: tmp_path)
    with caplog.at_level(logging.WARNING):
        layers = Layers("mesh")
    assert "neon" in caplog.text and "train dancers" in caplog.text
    assert np.array_equal(layers.draw(swaying(0.5), context()), Neon().draw(swaying(0.5), context()))


def test_glow_must_not_be_negative():
    with pytest.raises(ConfigError, match="glow"):
        look.Mesh(glow=-1.0)
