"""Waiting for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def until(claim: Callable[[], Any], timeout_s: float = 10.0) -> Any:
    """Return what `claim` returns as soon as that is true; an error after `timeout_s`."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if value := claim():
            return value
        time.sleep(0.005)
    raise AssertionError("it never came true")
