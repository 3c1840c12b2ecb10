"""Deferral of Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupted_afterwards() -> Iterator[None]:
    """Defer KeyboardInterrupt to the end of the block; a second Ctrl-C raises it at once.

    For the main thread alone. The second is for a pipe without a reader. Ctrl-C that is ignored,
    as in a process that a shell starts in the background, stays ignored.
    """
    before = signal.getsignal(signal.SIGINT)
    if not callable(before):
        yield
        return
    is_pending = False

    def wait_once(number: int, frame: FrameType | None) -> None:
        nonlocal is_pending
        if is_pending:
            before(number, frame)
        is_pending = True

    signal.signal(signal.SIGINT, wait_once)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if is_pending:
        raise KeyboardInterrupt
