"""Mailboxes lose what they say they lose, and count it."""

import threading

from livedance.mailbox import Ring


def test_ring_loses_the_oldest_and_counts():
    ring = Ring(3)
    for i in range(5):
        ring.put(i)
    assert ring.lost == 2 and [ring.take() for _ in range(4)] == [2, 3, 4, None]


def test_ring_wakes_a_waiting_reader():
    ring = Ring(2)
    threading.Timer(0.02, ring.put, ["late"]).start()
    assert ring.take(timeout_s=5.0) == "late"
