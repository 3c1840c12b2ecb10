"""Waits for a signal that ends the server, whichever of its threads the kernel gives it to."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress
from types import FrameType


class StopSignals:
    """SIGTERM and SIGINT; made and awaited by the main thread."""

    def __init__(self) -> None:
        self._received, self._sent = socket.socketpair()
        self._sent.setblocking(False)

    def listen(self) -> None:
        """Take the signals from now on.

        Python runs a handler in the main thread alone, and does not wake that thread where the
        kernel interrupted another one, as after a signal that found the process suspended. The
        byte that it writes for every signal does.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _noted)
        signal.set_wakeup_fd(self._sent.fileno(), warn_on_full_buffer=False)

    def wait(self) -> None:
        """Return once one came, or `end` was called."""
        self._received.recv(1)

    def end(self) -> None:
        """End the wait from any thread."""
        with suppress(BlockingIOError):  # enough came already
            self._sent.send(b"\0")


def _noted(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: without a handler Python would not write the byte."""
