"""Times and durations that `lensmith usage --since` takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lensmith.cli.usage import moment
from lensmith.domain.errors import LensmithError


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("12h", timedelta(hours=12)),
        ("7d", timedelta(days=7)),
        ("4w", timedelta(weeks=4)),
    ],
)
def test_a_duration_is_counted_back_from_now(text: str, ago: timedelta) -> None:
    wanted = datetime.now(UTC) - ago
    assert abs(datetime.fromisoformat(moment(text)) - wanted) < timedelta(minutes=1)


def test_a_time_stays_as_it_is() -> None:
    assert moment("2026-01-05") == "2026-01-05T00:00:00"
    assert moment("2026-01-05T10:00+01:00") == "2026-01-05T10:00:00+01:00"


@pytest.mark.parametrize("text", ["", "soon", "d", "-1d", "1y", "9999999999d", "2026-13-01"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(LensmithError, match="--since"):
        moment(text)
