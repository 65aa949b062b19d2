import numpy as np

from livedance.training.beat_streams import LEAD_HOPS, Streams
from tests.unit.training.beat_clip import clip


def streams(n_streams: int = 3, n_hops: int = 64, seed: int = 0) -> Streams:
    clips = [clip("a", seconds=2.0), clip("bb", seconds=3.0, bpm=100), clip("ccc", seconds=1.5, bpm=90)]
    return Streams(clips, n_streams=n_streams, n_hops=n_hops, rng=np.random.default_rng(seed))


def test_a_stream_is_whole_clips_one_after_the_other_with_their_own_answers():
    source = streams(n_streams=1)
    chunks = [source.next() for _ in range(12)]
    levels = np.concatenate([c.levels[LEAD_HOPS:, 0] for c in chunks])
    target = np.concatenate([c.target[:, 0] for c in chunks])
    clips = [clip("a", seconds=2.0), clip("bb", seconds=3.0, bpm=100), clip("ccc", seconds=1.5, bpm=90)]
    at, heard = 0, []
    while at < len(levels) - max(len(c.levels) for c in clips):
        found = next(c for c in clips if np.array_equal(c.levels, levels[at : at + len(c.levels)].astype(np.float16)))
        assert np.array_equal(found.target, target[at : at + len(found.levels)].astype(np.float16))
        heard.append(found.name)
        at += len(found.levels)
    assert set(heard) == {"a", "bb", "ccc"}


def test_a_chunk_leads_with_the_end_of_the_one_before_or_with_silence():
    source = streams()
    before = source.next()
    for _ in range(20):
        now = source.next()
        for i, is_fresh in enumerate(now.is_fresh):
            wanted = np.zeros_like(now.levels[:LEAD_HOPS, i]) if is_fresh else before.levels[-LEAD_HOPS:, i]
            assert np.array_equal(now.levels[:LEAD_HOPS, i], wanted)
        before = now


def test_the_same_seed_gives_the_same_stream_and_another_seed_another():
    first, again, other = streams().next(), streams().next(), streams(seed=1).next()
    assert np.array_equal(first.levels, again.levels)
    assert not np.array_equal(first.levels, other.levels)
