"""The picture as every screen makes it: the last pass is told, looks and views follow the state."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.messages import Levels, PoseFrame
from livedance.picture import Picture
from livedance.render.bench import swaying

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


@pytest.mark.parametrize("look", ["neon", "silhouette", "skeleton"])
def test_every_look_sees_from_where_people_moved_the_camera(look: str) -> None:
    def across(**controls: float) -> float:
        state = {"controls": controls}
        image = Picture(look, "none", False).draw(swaying(0.0), Levels(), state, (320, 180), 0.0)
        return float(np.average(np.arange(320), weights=image[..., 3].sum(axis=0, dtype=float) + 1e-9))

    assert across() == pytest.approx(160.0, abs=12.0)
    assert across(camera_x_m=0.5) < across() - 25.0
