"""The time budget of one training, which a tag of CreateProjectVersion requests."""

from __future__ import annotations

from collections.abc import Mapping

from lensmith.domain.errors import InvalidParameterException

TIME_BUDGET_TAG = "lensmith:time-budget"
MIN_SECONDS, MAX_SECONDS = 60, 7 * 24 * 3600


def requested_budget(tags: Mapping[str, str]) -> int | None:
    """Return the seconds that the tags request, None without such a tag.

    Raises InvalidParameterException for anything but a whole number within the limits.
    """
    text = tags.get(TIME_BUDGET_TAG)
    if text is None:
        return None
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise InvalidParameterException(
            f"The tag {TIME_BUDGET_TAG} must be a number of seconds from {MIN_SECONDS} to "
            f"{MAX_SECONDS}."
        )
    return seconds
