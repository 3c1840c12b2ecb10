"""The one way in which tests wait for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

TIMEOUT_SECONDS = 240.0  # only ever reached by a failure
_PAUSE_SECONDS, _MAX_PAUSE_SECONDS = 0.01, 0.25
_GROWTH = 1.2  # of the pause: a long wait must not cost the processes that it waits for


def until(
    look: Callable[[], T],
    is_done: Callable[[T], bool] = bool,
    message: str | Callable[[], str] = "it did not happen",
    *,
    timeout: float = TIMEOUT_SECONDS,
    pause: float = _PAUSE_SECONDS,
) -> T:
    """The first view that is done; fails with `message` and the last view after the timeout.

    A `message` that is only known then, as what a log says, is a function. `pause` is the first one
    between two looks, longer where a look starts a program.
    """
    deadline = time.monotonic() + timeout
    while not is_done(view := look()):
        if time.monotonic() >= deadline:
            text = message if isinstance(message, str) else message()
            raise AssertionError(f"{text} within {timeout:g} s; last seen: {view!r}")
        time.sleep(pause)
        pause = max(pause, min(pause * _GROWTH, _MAX_PAUSE_SECONDS))
    return view
