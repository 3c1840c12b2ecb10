"""Collects findings: counts all of them, lists the first of each kind."""

from __future__ import annotations

from collections import Counter, defaultdict

from lensmith.health.finding_kind import KIND_DETAILS, FindingKind, Severity
from lensmith.health.report import Finding, Item

ITEMS_LISTED = 100  # of each kind

_WORST_FIRST = list(Severity)
_KINDS = list(FindingKind)


class Findings:
    """Findings by kind, in bounded memory."""

    def __init__(self) -> None:
        self._counts: Counter[FindingKind] = Counter()
        self._items: defaultdict[FindingKind, list[Item]] = defaultdict(list)

    def add(self, kind: FindingKind, item: Item) -> None:
        self._counts[kind] += 1
        items = self._items[kind]
        if len(items) < ITEMS_LISTED:
            items.append(item)

    def sorted(self) -> tuple[Finding, ...]:
        """Return the findings, worst first."""
        found = [self._finding(kind) for kind in _KINDS if self._counts[kind]]
        return tuple(sorted(found, key=lambda finding: _WORST_FIRST.index(finding.severity)))

    def _finding(self, kind: FindingKind) -> Finding:
        details = KIND_DETAILS[kind]
        return Finding(
            details.severity,
            kind,
            details.advice,
            details.unit,
            self._counts[kind],
            tuple(self._items[kind]),
        )
