import sys
from pathlib import Path

import numpy as np

from livedance import skeleton
from livedance.training import despike, source_clip

sys.path.insert(0, str(Path(__file__).parent))
from tests.unit.training import raw_clips


def read(tmp_path):
    root, q = raw_clips.dance()
    return source_clip.read(raw_clips.write(tmp_path / "c.npz", "made", root, q))


def test_clean_clips_lose_only_their_edges(tmp_path):
    clip = read(tmp_path)
    repaired, bridged = despike.repair(clip)
    assert bridged == 0
    assert np.array_equal(repaired.positions_m, clip.positions_m[3:-3])
    assert all(len(q) == len(repaired.positions_m) for q in repaired.source_world_wxyz.values())


def test_a_leap_is_bridged(tmp_path):
    clip = read(tmp_path)
    truth = clip.positions_m[3:-3].copy()
    clip.positions_m[100:102, skeleton.INDEX["l_wrist"]] += [0.4, 0.3, 0.0]
    repaired, bridged = despike.repair(clip)
    assert 2 <= bridged <= 6
    assert np.abs(repaired.positions_m - truth).max() < 0.12
    assert np.array_equal(repaired.positions_m[:90], truth[:90])
