"""Token buckets and caps."""

from __future__ import annotations

from livedance.broadcast.limits import Caps, TokenBucket


def test_a_bucket_allows_its_burst_then_its_rate():
    bucket = TokenBucket(rate=20, burst=40)
    assert sum(bucket.take(0.0) for _ in range(100)) == 40
    assert sum(bucket.take(1.0) for _ in range(100)) == 20
    assert sum(bucket.take(1.0 + n / 10) for n in range(1, 11)) == 10


def test_a_bucket_never_saves_more_than_its_burst():
    bucket = TokenBucket(rate=20, burst=40)
    bucket.take(0.0)
    assert sum(bucket.take(1e6) for _ in range(100)) == 40


def test_cheap_kinds_share_the_cap_of_the_score():
    caps = Caps(score=7, image=2)
    assert (caps.of("image"), caps.of("beat"), caps.of("stats")) == (2, 7, 7)
