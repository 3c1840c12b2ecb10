"""The interface by which an import or export reports its progress."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol


class Steps(Protocol):
    def counting(self, title: str, total: int | None) -> AbstractContextManager[Callable[[], None]]:
        """Open a step of `total` parts, None if unknown; yields what to call after each."""
