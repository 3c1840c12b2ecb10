"""The tag that requests a time budget."""

from __future__ import annotations

import pytest

from lensmith.domain.errors import InvalidParameterException
from lensmith.domain.time_budget import TIME_BUDGET_TAG, requested_budget


def test_whole_seconds_within_the_limits() -> None:
    assert requested_budget({}) is None
    assert requested_budget({"team": "a", TIME_BUDGET_TAG: "120"}) == 120


@pytest.mark.parametrize("text", ["", "59", "604801", "2 minutes", "1e3", "-60", "٣٠٠", "9" * 5000])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameterException, match="number of seconds from 60"):
        requested_budget({TIME_BUDGET_TAG: text})
