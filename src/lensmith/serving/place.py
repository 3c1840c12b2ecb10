"""Where a unit takes images: it looks at one while the next waits in the memory of both."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from lensmith.domain.errors import LensmithError
from lensmith.serving.protocol import Replies, Reply, send_image
from lensmith.serving.shared_memory import Area

_PART = 16 << 10  # bytes of a reply; longer ones take a second call


class UnitLostError(LensmithError):
    """The process ended or no longer answers."""


class NeverLookedAtError(UnitLostError):
    """It was lost while it looked at another image; this one only waited."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the unit says to an image, and how many seconds it took for it alone."""

    reply: Reply
    seconds: float


@dataclass(slots=True, eq=False)
class _Asked:
    area: int
    patience: float  # seconds
    heard: asyncio.Future[Heard]
    since: float = 0.0  # when the unit turned to it, as far as is seen from here

    @property
    def deadline(self) -> float:
        return self.since + self.patience


class Place:
    """Belongs to the event loop that asks first; `hang_up` and `close` to any thread."""

    def __init__(self, connection: socket.socket, areas: Sequence[Area]) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._areas = tuple(areas)
        self._free = list(range(len(self._areas)))
        self._asked: deque[_Asked] = deque()  # the image that is looked at is the first
        self._replies = Replies()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._is_lost = False
        self.heard_at = time.monotonic()

    @property
    def free(self) -> int:
        """How many images it still takes."""
        return len(self._free)

    async def ask(self, image: bytes, patience: float) -> Heard:
        """Have an image looked at; there must be an area free.

        Raises UnitLostError when looking at it takes longer than `patience` seconds: no image
        of this place is then answered.
        """
        loop = asyncio.get_running_loop()
        asked = _Asked(self._free.pop(), patience, loop.create_future())
        try:
            self._areas[asked.area][: len(image)] = image
            send_image(self._connection, asked.area, len(image))
            self._listen(loop)
        except (OSError, ValueError) as error:  # ValueError: it was closed meanwhile
            raise UnitLostError from error
        self._asked.append(asked)
        if len(self._asked) == 1:
            self._turn_to(asked)
        return await asked.heard

    def hang_up(self) -> None:
        """The unit takes no more; what it was asked should have been answered."""
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it hung up first

    def close(self) -> None:
        """Free what is held for it; whoever still waits gets UnitLostError."""
        if self._loop is not None and not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(self._close)
            except RuntimeError:  # closed meanwhile, and with it whoever waited
                pass
            else:
                return
        self._let_go()

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._is_lost:
            raise UnitLostError
        if self._loop is None:
            self._loop = loop
            loop.add_reader(self._connection.fileno(), self._hear)

    def _hear(self) -> None:
        try:
            part = self._connection.recv(_PART)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            self._lose()
        for reply in self._replies.in_part(part):
            self._settle(reply)

    def _settle(self, reply: Reply) -> None:
        now = self.heard_at = time.monotonic()
        asked = self._asked.popleft()
        self._free.append(asked.area)
        if self._asked:
            self._turn_to(self._asked[0])
        if not asked.heard.done():
            asked.heard.set_result(Heard(reply, now - asked.since))

    def _turn_to(self, asked: _Asked) -> None:
        asked.since = time.monotonic()
        # Moved on when it rings, not with every image: nearly none takes that long.
        if self._watch is None:
            self._ring_after(asked.patience)

    def _ring_after(self, seconds: float) -> None:
        assert self._loop is not None
        self._watch = self._loop.call_later(seconds, self._look_at_clock)

    def _look_at_clock(self) -> None:
        self._watch = None
        if not self._asked:
            return
        left = self._asked[0].deadline - time.monotonic()
        if left > 0:
            self._ring_after(left)
        else:
            self._lose()

    def _lose(self) -> None:
        if self._is_lost:
            return
        self._is_lost = True
        assert self._loop is not None
        self._loop.remove_reader(self._connection.fileno())
        for number, asked in enumerate(self._asked):
            if not asked.heard.done():
                asked.heard.set_exception(NeverLookedAtError() if number else UnitLostError())
        self._asked.clear()

    def _close(self) -> None:
        self._lose()
        self._let_go()

    def _let_go(self) -> None:
        self._connection.close()
        # Errors of lost requests refer to this place until the garbage collector comes by.
        for area in self._areas:
            area.release()
