"""What `render` writes: the show's arrangement in a recording, every format by any spelling of its ending."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livedance import config as configs
from livedance import offline, replayer
from livedance.clock import TimeMap
from livedance.config import LiveConfig
from livedance.errors import ConfigError
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, Hop
from livedance.offline import OfflineFrame
from livedance.score_stream import ScoreStream

command = importlib.import_module("livedance.cli.render")  # `livedance.cli.render` is the command of the same name
SECONDS, FPS = 1.5, 20.0


def silence() -> Iterator[Hop]:
    samples = np.zeros(HOP_SAMPLES, np.float32)
    for i in range(int(SECONDS * HOP_RATE_HZ / HOP_SAMPLES)):
        yield Hop(index=i, t_s=(i + 1) * HOP_SAMPLES / HOP_RATE_HZ, samples=samples)


def live(**dance: Any) -> LiveConfig:
    return configs.check({"dance": {"generator": "idle", **dance}})


def written(out: Path, config: LiveConfig) -> list[OfflineFrame]:
    """Render silence into `out`; returns the frames that were written."""
    records: list[bytes] = []
    frames: list[OfflineFrame] = []
    stream = ScoreStream(TimeMap(rigid=True))

    def watched() -> Iterator[OfflineFrame]:
        def keep(step: Any) -> None:
            records.extend(stream.messages(step, step.estimate.index, step.features.t_s))

        for frame in offline.frames(config, 1, silence(), SECONDS, FPS, keep):
            frames.append(frame)
            yield frame

    command.write(out, watched(), config=config, seed=1, fps=FPS, audio=None, size=(64, 48), records=records)
    return frames


def test_a_recording_shows_as_many_dancers_as_the_render(tmp_path: Path) -> None:
    out = tmp_path / "dance.ldrec"
    frames = written(out, live(dancers=3, formation="canon"))
    again = [frame.pose for frame in replayer.frames(out, FPS)]
    assert {len(frame.pose.root_position_m) for frame in frames} == {3}
    assert {len(pose.root_position_m) for pose in again} == {3}
    roots = frames[-1].pose.root_position_m
    assert np.allclose(again[len(again) // 2].root_position_m[:, 0], roots[:, 0], atol=0.2), "each at its own place"


@pytest.mark.parametrize("name", ["DANCE.NPZ", "Dance.Bvh", "dance.MP4", "dance.LDREC"])
def test_capitals_in_the_ending_do_not_matter(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    command.check_out(out)
    written(out, live())
    assert [path.name for path in tmp_path.iterdir()] == [name] and out.stat().st_size > 100


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"must end in \.npz"):
        command.check_out(tmp_path / "dance.gif")
