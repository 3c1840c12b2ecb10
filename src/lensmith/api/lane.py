"""Threads for calls of one kind, and how many calls may be there at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import TypeVar

from lensmith.domain.errors import ServiceError

T = TypeVar("T")


class Lane:
    """A number of threads, and of calls that are carried out or wait; of one event loop."""

    def __init__(
        self, name: str, threads: int, most_waiting: int, refusal: type[ServiceError]
    ) -> None:
        """`refusal` is what the next call is told."""
        self._refusal = refusal
        self._most = threads + most_waiting
        self._calls = 0
        # anyio's threads cost more a call, for cancelling that no call here can do.
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)

    @contextmanager
    def stay(self) -> Iterator[None]:
        """Of one call; raises the refusal at once when there are too many."""
        if self._calls >= self._most:
            raise self._refusal
        self._calls += 1
        try:
            yield
        finally:
            self._calls -= 1

    async def run(self, call: Callable[[], T]) -> T:
        """A whole call in a thread."""
        with self.stay():
            return await self.aside(call)

    async def aside(self, work: Callable[[], T], /) -> T:
        """A part of a call in a thread."""
        # What a call binds to its log lines stays with that call.
        inside = copy_context().run
        return await asyncio.get_running_loop().run_in_executor(self._threads, inside, work)
