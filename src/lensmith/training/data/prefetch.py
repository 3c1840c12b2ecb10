"""Prefetches batches in a thread, so that the network does not wait for them."""

from __future__ import annotations

import os
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

import torch

Batch_co = TypeVar("Batch_co", covariant=True)

PREFETCH_DEPTH = 3  # batches that wait for a GPU
GIVING_WAY = 5  # niceness of the thread, relative to the others
CPU_PREFETCH_DEPTH = 1  # batches that wait for the other threads of a CPU


def prefetch_depth(device: torch.device, threads: int | None = None) -> int:
    """Return how many batches to prefetch; none on a single thread, which would wait for itself."""
    if device.type == "cuda":
        return PREFETCH_DEPTH
    return CPU_PREFETCH_DEPTH if (threads or torch.get_num_threads()) > 1 else 0


class BatchSource(Protocol[Batch_co]):
    """Makes batches; a fraction `joined` of the images is put together from several pictures."""

    def batch(self, size: int, joined: float, /) -> Batch_co: ...


class Prefetcher(Generic[Batch_co]):
    """Makes the next `ahead` batches of `batches` in one thread, in their own order.

    The number of batches made depends on the calls alone: the same seed gives the same batches
    whatever the timing. The source need not be thread-safe. With `ahead` 0 there is no thread.
    """

    def __init__(self, batches: BatchSource[Batch_co], ahead: int) -> None:
        self._batches = batches
        self._ahead = ahead
        self._wanted: tuple[int, float] | None = None
        self._made: deque[Future[Batch_co]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="frames", initializer=_give_way)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the thread once the batch under way is made; drop that batch."""
        self._thread.shutdown(cancel_futures=True)

    def batch(self, size: int, mosaic: float) -> Batch_co:
        """Return the next batch; raises the exception that making it raised."""
        if not self._ahead:
            return self._batches.batch(size, mosaic)
        if self._wanted != (size, mosaic):
            self.flush()
            self._wanted = size, mosaic
        while len(self._made) <= self._ahead:
            self._made.append(self._thread.submit(self._batches.batch, size, mosaic))
        return self._made.popleft().result()

    def flush(self) -> None:
        """Drop the prefetched batches; the source may be changed until the next call of `batch`.

        Waits for all of them, so that the random state is the same at any speed.
        """
        while self._made:
            self._made.popleft().result()


def _give_way() -> None:
    """Compute in this thread alone, and only when those that wait for its batches do not."""
    torch.set_num_threads(1)
    thread = threading.get_native_id()
    os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + GIVING_WAY)
