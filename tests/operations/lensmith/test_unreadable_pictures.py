"""Pictures that failed once."""

from __future__ import annotations

import pytest

from lensmith.domain.errors import PictureUnreadableException
from lensmith.operations.lensmith.unreadable_pictures import UnreadablePictures


def test_failures_are_kept_for_a_while_and_bounded() -> None:
    now = [0.0]
    failures = UnreadablePictures(pictures=2, seconds=60, clock=lambda: now[0])
    for picture in ("a", "b", "c"):
        failures.note(picture, "broken", "InvalidImageFormatException")
    failures.refuse("a")  # the oldest is forgotten
    with pytest.raises(PictureUnreadableException, match="broken"):
        failures.refuse("c")
    now[0] = 60.0
    failures.refuse("c")
