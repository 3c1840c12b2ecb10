"""One request that waits for a unit."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

U = TypeVar("U")


@dataclass(slots=True, eq=False)
class Waiter(Generic[U]):
    """Wakes a waiting request. `wake` is thread-safe."""

    woken: asyncio.Future[None]
    unit: U | None = None  # set by `wake`; None: there will be no unit

    def wake(self, unit: U | None) -> None:
        self.unit = unit
        loop = self.woken.get_loop()
        if _running_loop() is loop:
            self.resolve()
            return
        with suppress(RuntimeError):  # the loop ended, and the request with it
            loop.call_soon_threadsafe(self.resolve)

    def resolve(self) -> None:
        """End the wait, in its event loop, with the unit that there is."""
        if not self.woken.done():
            self.woken.set_result(None)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
