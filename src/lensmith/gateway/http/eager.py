"""Runs a coroutine at once; it becomes a task only where it waits."""

from __future__ import annotations

import types
from asyncio import AbstractEventLoop, Task
from collections.abc import Coroutine, Generator
from typing import Any


def start(loop: AbstractEventLoop, coroutine: Coroutine[Any, Any, None]) -> Task[None] | None:
    """Run a coroutine until it ends or first waits; returns the task of what is left.

    Until then it runs in no task, so it must not use asyncio.timeout (Python 3.12 has
    asyncio.eager_task_factory for this).
    """
    try:
        awaited = coroutine.send(None)
    except StopIteration:
        return None
    return loop.create_task(_rest(coroutine, awaited))


@types.coroutine
def _rest(coroutine: Coroutine[Any, Any, None], awaited: Any) -> Generator[Any, Any, None]:
    while True:
        try:
            try:
                value = yield awaited
            except BaseException as error:  # noqa: BLE001 - the coroutine's to handle
                awaited = coroutine.throw(error)
            else:
                awaited = coroutine.send(value)
        except StopIteration:
            return
