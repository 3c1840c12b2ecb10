"""Logs rejected lines for the operator: no API reports them (manifests.md 2.2)."""

from __future__ import annotations

from collections import Counter

import structlog

from lensmith.manifest.dataset.entry import RejectedLine

_NAMED = 50  # line numbers logged per reason

_log = structlog.get_logger(__name__)


class RejectionLog:
    """Collects rejected lines and logs them once, by reason."""

    def __init__(self, dataset_arn: str) -> None:
        self._dataset_arn = dataset_arn
        self._counts: Counter[RejectedLine] = Counter()
        self._numbers: dict[RejectedLine, list[int]] = {}

    def note(self, number: int, reason: RejectedLine) -> None:
        """Add a line by its number, from 1."""
        self._counts[reason] += 1
        if self._counts[reason] <= _NAMED:
            self._numbers.setdefault(reason, []).append(number)

    def write(self) -> None:
        for reason, count in self._counts.items():
            _log.warning(
                "manifest lines dropped",
                dataset=self._dataset_arn,
                reason=reason.value,
                count=count,
                first_lines=self._numbers[reason],
            )
