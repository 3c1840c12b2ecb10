"""The one way in which tests wait for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

TIMEOUT_SECONDS = 240.0  # only ever reached by a failure
_PAUSE_SECONDS = 0.02


def until(
    look: Callable[[], T],
    is_done: Callable[[T], bool] = bool,
    message: str = "it did not happen",
    *,
    timeout: float = TIMEOUT_SECONDS,
) -> T:
    """The first view that is done; fails with `message` and the last view after the timeout."""
    deadline = time.monotonic() + timeout
    while not is_done(view := look()):
        assert time.monotonic() < deadline, f"{message} within {timeout:g} s; last seen: {view!r}"
        time.sleep(_PAUSE_SECONDS)
    return view
