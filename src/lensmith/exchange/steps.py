"""How an import or export says what it is doing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol


class Steps(Protocol):
    def counting(self, title: str, total: int | None) -> AbstractContextManager[Callable[[], None]]:
        """A step of `total` parts, if known; the function given is called after each part."""
