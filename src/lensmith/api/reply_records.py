"""Counts, logs and audits detections after their replies, those of a busy server a few at once."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any, TypeAlias

import structlog

from lensmith.api.request import Reply
from lensmith.api.wire import Wire

log = structlog.get_logger(__name__)

_MAX_WAITING = 8  # replies
_MAX_SECONDS = 0.05
_MAX_BODY = 256 << 10  # bytes; a reply that waits keeps the body of its call

Record: TypeAlias = Callable[[Wire, Reply, float], Any]
"""Records a reply that took these seconds, in the context of its call."""


class ReplyRecords:
    """Replies that are sent and wait to be recorded. Bound to one event loop.

    Units that run networks leave none of this code in the processor's caches. So while other calls
    are under way, it runs for several replies in a row.
    """

    def __init__(self, record: Record, is_idle: Callable[[], bool]) -> None:
        """Build it; `is_idle` says that no call is under way which will be recorded later."""
        self._record = record
        self._is_idle = is_idle
        self._waiting: deque[tuple[Context, Wire, Reply, float]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, wire: Wire, reply: Reply) -> None:
        """Record a reply now or soon; the context is that of its call."""
        seconds = time.perf_counter() - wire.request.arrived
        self._waiting.append((copy_context(), wire, reply, seconds))
        is_large = len(wire.request.http.body) > _MAX_BODY
        if is_large or len(self._waiting) >= _MAX_WAITING or self._is_idle():
            self.settle()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_MAX_SECONDS, self.settle)

    def settle(self) -> None:
        """Record every reply that waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting:
            context, wire, reply, seconds = self._waiting.popleft()
            context.run(self._record_one, wire, reply, seconds)

    def close(self) -> None:
        """Record every reply that waits, and at once those that still come: the loop ends."""
        self._is_idle = lambda: True
        self.settle()

    def _record_one(self, wire: Wire, reply: Reply, seconds: float) -> None:
        try:
            self._record(wire, reply, seconds)
        except Exception as error:  # its client has the reply; those of other calls wait
            log.error("call not recorded", operation=wire.name, exc_info=error)
