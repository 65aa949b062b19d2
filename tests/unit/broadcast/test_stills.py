"""A sequence of PNG files appears as a whole, with straight alpha."""

import cv2
import numpy as np
import pytest

from livedance.broadcast.stills import StillsWriter
from livedance.errors import FileError


def picture(shade):
    image = np.zeros((20, 30, 4), np.uint8)
    image[5:15, 10:20] = (10, 200, shade, 128)
    return image


def test_pictures_come_back_as_they_were_and_alpha_too(tmp_path):
    with StillsWriter(tmp_path / "dance.png") as stills:
        for shade in (0, 60, 120):
            stills.write(picture(shade))
        assert not list(tmp_path.glob("*.png"))  # not before all are there
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["dance_00000.png", "dance_00001.png", "dance_00002.png"]
    assert np.array_equal(cv2.imread(str(tmp_path / names[1]), cv2.IMREAD_UNCHANGED), picture(60))


def test_a_shorter_sequence_leaves_nothing_of_the_longer_one(tmp_path):
    for count in (3, 1):
        with StillsWriter(tmp_path / "dance.png") as stills:
            for _ in range(count):
                stills.write(picture(0))
    assert [path.name for path in tmp_path.iterdir()] == ["dance_00000.png"]


def test_what_fails_leaves_nothing(tmp_path):
    with pytest.raises(KeyError), StillsWriter(tmp_path / "dance.png") as stills:
        stills.write(picture(0))
        raise KeyError
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileError, match="finished"):
        stills.write(picture(0))
    with pytest.raises(FileError, match="cannot write"):
        StillsWriter(tmp_path / "nowhere" / "dance.png")
