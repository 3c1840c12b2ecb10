"""`lensmith usage`: what --since takes, and the table; tests/boto3 has the whole command."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from lensmith.cli.server.usage import moment, table_of
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


def test_the_table_fits_a_narrow_terminal_and_sums_up(capsys: pytest.CaptureFixture[str]) -> None:
    versions = [
        {
            "project": "circuit-boards",
            "version": version,
            "hours": 209,
            "unit_hours": 107.004,
            "minutes": 12_500,
            "first_hour_ms": 1_767_600_000_000,
            "last_hour_ms": 1_768_600_000_000,
        }
        for version in ("v1", "v2")
    ]
    Console(width=80).print(table_of(versions))
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    assert "2026-01-05" in printed
    total = next(line for line in printed.splitlines() if "total" in line)
    assert "418" in total
    assert "214.01" in total
