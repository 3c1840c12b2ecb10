"""Batches made while the device computes, so that a GPU need not wait for the processor."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

import torch

Batch_co = TypeVar("Batch_co", covariant=True)

PREFETCH_DEPTH = 3  # batches that wait for a GPU


def prefetch_depth(device: torch.device) -> int:
    """None where the processor itself computes: no core is left to make them meanwhile."""
    return PREFETCH_DEPTH if device.type == "cuda" else 0


class BatchSource(Protocol[Batch_co]):
    """Whatever makes batches of a size, with a share of frames that join several pictures."""

    def batch(self, size: int, joined: float, /) -> Batch_co: ...


class Prefetcher(Generic[Batch_co]):
    """The batches of `batches` in their own order, each asked for `ahead` others early.

    One thread makes them, so that whoever makes frames need not be safe from threads, and how
    many are made depends on the calls alone: the same seed gives the same batches whatever the
    timing. With `ahead` 0 there is no thread, and each batch is made when it is asked for.
    """

    def __init__(self, batches: BatchSource[Batch_co], ahead: int) -> None:
        self._batches = batches
        self._ahead = ahead
        self._wanted: tuple[int, float] | None = None
        self._made: deque[Future[Batch_co]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="frames")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the thread; the batch that it is making is finished and lost."""
        self._thread.shutdown(cancel_futures=True)

    def batch(self, size: int, mosaic: float) -> Batch_co:
        """As `batches` makes it; raises what making it has raised."""
        if not self._ahead:
            return self._batches.batch(size, mosaic)
        if self._wanted != (size, mosaic):
            self.flush()
            self._wanted = size, mosaic
        while len(self._made) <= self._ahead:
            self._made.append(self._thread.submit(self._batches.batch, size, mosaic))
        return self._made.popleft().result()

    def flush(self) -> None:
        """Drop what was made ahead; until the next call of `batch`, `batches` may be changed.

        All of it is waited for, so that the dice are left the same at any speed.
        """
        while self._made:
            self._made.popleft().result()
