"""When Ctrl-C may stop a run."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupted_afterwards() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt at the end of the block; a second one at once.

    For the main thread alone. The second is for a pipe that nobody reads any more. Where Ctrl-C
    is ignored, as by what a shell starts in the background, it still is.
    """
    before = signal.getsignal(signal.SIGINT)
    if not callable(before):
        yield
        return
    came = False

    def wait_once(number: int, frame: FrameType | None) -> None:
        nonlocal came
        if came:
            before(number, frame)
        came = True

    signal.signal(signal.SIGINT, wait_once)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt
