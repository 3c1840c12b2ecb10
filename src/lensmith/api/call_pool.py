"""Thread pools for calls, with a limit of calls each (bulkheads)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from typing import Protocol, TypeVar

from lensmith.domain.errors import (
    ProvisionedThroughputExceededException,
    ServiceError,
    ThrottlingException,
)
from lensmith.operations.call import PoolName
from lensmith.serving.waiting_room import SEATS
from lensmith.store.records.record_cache import CacheMiss

T = TypeVar("T")


class CallPool:
    """A thread pool that admits a limited number of calls. Bound to one event loop."""

    def __init__(
        self, name: str, threads: int, max_waiting: int, refusal: type[ServiceError]
    ) -> None:
        """Build the pool; `refusal` is raised when it is full."""
        self._refusal = refusal
        self._max_calls = threads + max_waiting
        self._calls = 0
        # anyio's threads cost more a call, for cancelling that no call here can do.
        self._threads = ThreadPoolExecutor(threads, name)

    @property
    def calls(self) -> int:
        """Number of calls under way."""
        return self._calls

    @contextmanager
    def admit(self) -> Iterator[None]:
        """Count one call until the block ends; raises the refusal at once when the pool is full."""
        if self._calls >= self._max_calls:
            raise self._refusal
        self._calls += 1
        try:
            yield
        finally:
            self._calls -= 1

    async def offload(self, work: Callable[[], T], /) -> T:
        """Run a part of an admitted call in a thread."""
        # The thread's log lines carry the call's context variables.
        in_context = copy_context().run
        return await asyncio.get_running_loop().run_in_executor(self._threads, in_context, work)


@dataclass(frozen=True, slots=True)
class Threads:
    """How many calls may run in threads at once; a detection needs one for parts only."""

    control: int = 32
    detection: int = SEATS + 64  # calls that wait for a unit; calls in a unit or being checked
    max_waiting: int = 64  # calls beyond these, each with its body in memory


def call_pools(threads: Threads) -> Mapping[PoolName, CallPool]:
    """Make a pool for each kind of call: saturated detection leaves the control plane quick."""
    return {
        "control": CallPool("control", threads.control, threads.max_waiting, ThrottlingException),
        "detection": CallPool(
            "detection",
            threads.detection,
            threads.max_waiting,
            ProvisionedThroughputExceededException,
        ),
    }


class RunInThread(Protocol):
    async def __call__(self, work: Callable[[], T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class CallOffload:
    """The `Offload` of one call: its threads, and the record cache as the call found it."""

    run_in_thread: RunInThread
    cache_only: Callable[[], AbstractContextManager[None]]  # of `Records`

    async def __call__(self, work: Callable[[], T], /) -> T:
        return await self.run_in_thread(work)

    async def unless_cached(self, work: Callable[[], T], /) -> T:
        try:
            with self.cache_only():
                return work()
        except CacheMiss:
            return await self.run_in_thread(work)
