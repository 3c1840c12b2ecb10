"""Clients that call while a test does something to the servers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_PAUSE_SECONDS = 0.1  # of a client between two calls


@contextmanager
def calling_clients(*calls: Callable[[], T]) -> Iterator[list[list[T]]]:
    """Let a client repeat each call while the block runs; yields the answers of each.

    A call that fails fails the test.
    """
    over = threading.Event()
    answers: list[list[T]] = [[] for _ in calls]

    def repeat(call: Callable[[], T], taken: list[T]) -> None:
        while not over.is_set():
            taken.append(call())
            over.wait(_PAUSE_SECONDS)

    with ThreadPoolExecutor(len(calls)) as clients:
        asking = [clients.submit(repeat, *each) for each in zip(calls, answers, strict=True)]
        try:
            yield answers
        finally:
            over.set()
        for client in asking:
            client.result()
