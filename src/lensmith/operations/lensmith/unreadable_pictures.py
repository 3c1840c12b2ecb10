"""Remembers pictures that cannot be decoded, so that none is decoded at each request."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from lensmith.domain.errors import PictureUnreadableException


class UnreadablePictures:
    """Keeps the newest failures for a while. Thread-safe."""

    def __init__(
        self,
        pictures: int = 4096,
        seconds: float = 600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pictures, self._seconds, self._clock = pictures, seconds, clock
        self._lock = threading.Lock()
        # picture -> when it is forgotten, message, reason; the oldest first
        self._failures: OrderedDict[Hashable, tuple[float, str, str]] = OrderedDict()

    def note(self, picture: Hashable, message: str, reason: str) -> None:
        with self._lock:
            self._failures.pop(picture, None)
            self._failures[picture] = (self._clock() + self._seconds, message, reason)
            while len(self._failures) > self._pictures:
                self._failures.popitem(last=False)

    def refuse(self, picture: Hashable) -> None:
        """Raises PictureUnreadableException for a picture that failed a while ago."""
        with self._lock:
            ends, message, reason = self._failures.get(picture, (0.0, "", ""))
            if picture not in self._failures:
                return
            if ends <= self._clock():
                del self._failures[picture]
                return
        raise PictureUnreadableException(message, reason=reason)
