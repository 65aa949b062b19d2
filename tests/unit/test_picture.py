"""The picture as every screen makes it: the last pass is told, looks and views follow the state."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.messages import Levels, PoseFrame
from livedance.picture import Picture
from livedance.render.bench import swaying
from livedance.render.look import Painted
from livedance.render.mesh.gl import Gl, shared

SIZE = (64, 36)


class Strobe:
    """A look that is white in every other picture."""

    def __init__(self) -> None:
        self.count = 0

    def draw(self, pose: PoseFrame, context: object) -> np.ndarray:
        self.count += 1
        return np.full((SIZE[1], SIZE[0], 4), 255 * (self.count % 2), np.uint8)


@pytest.mark.parametrize("is_limited", [True, False])
def test_a_tamed_flash_is_told_once(is_limited: bool) -> None:
    picture = Picture("none", "black", is_limited)
    picture.layers = Strobe()  # type: ignore[assignment]
    pose = swaying(0.0)
    for i in range(30):
        picture.draw(pose, Levels(), {}, SIZE, i / 30)
    assert picture.tamed_flashes() == is_limited
    assert not picture.tamed_flashes()


class CardStrobe:
    """`Strobe`, on the graphics card."""

    def __init__(self, gl: Gl) -> None:
        self.frames = [gl.canvas(SIZE, kind="f1") for _ in range(2)]
        self.count = 0

    @property
    def on_card(self) -> CardStrobe:
        return self

    def paint(self, pose: PoseFrame, context: object) -> Painted:
        self.count += 1
        self.frames.reverse()
        light = float(self.count % 2)
        self.frames[0].clear(light, light, light, 1.0)
        return Painted(frame=self.frames[0], before=self.frames[1])


def test_on_the_card_flashes_are_tamed_and_blackout_fades_as_in_memory() -> None:
    gl = shared()
    memory, card = Picture("none", "black", True), Picture("none", "black", True, gl=gl)
    memory.layers = Strobe()  # type: ignore[assignment]
    card.layers = CardStrobe(gl)  # type: ignore[assignment]
    pose, tamed = swaying(0.0), 0
    for i in range(40):
        state = {"blackout": i >= 36}
        image = memory.draw(pose, Levels(), state, SIZE, i / 30)
        painted = card.paint(pose, Levels(), state, SIZE, i / 30)
        assert isinstance(painted, Painted)
        light = painted.gain * np.frombuffer(painted.frame.read(components=4), np.uint8)[0]
        assert light == pytest.approx(float(image[0, 0, 0]), abs=2.0)
        assert card.limiter.limited == memory.limiter.limited
        tamed += card.tamed_flashes()
    assert tamed > 10 and painted.gain == 0.0


def test_a_look_without_a_card_is_drawn_in_memory_for_the_window() -> None:
    picture = Picture("silhouette", "black", True, gl=shared())
    image = picture.paint(swaying(0.0), Levels(), {}, (320, 180), 0.0)
    assert isinstance(image, np.ndarray) and image.shape == (180, 320, 4)


@pytest.mark.parametrize("look", ["neon", "silhouette", "skeleton"])
def test_every_look_sees_from_where_people_moved_the_camera(look: str) -> None:
    def across(**controls: float) -> float:
        state = {"controls": controls}
        image = Picture(look, "none", False).draw(swaying(0.0), Levels(), state, (320, 180), 0.0)
        return float(np.average(np.arange(320), weights=image[..., 3].sum(axis=0, dtype=float) + 1e-9))

    assert across() == pytest.approx(160.0, abs=12.0)
    assert across(camera_x_m=0.5) < across() - 25.0
