"""Findings while they are collected: all are counted, the first of each kind are named."""

from __future__ import annotations

from collections import Counter, defaultdict

from lensmith.health.kind import NATURES, Kind, Severity
from lensmith.health.report import Finding, Item

ITEMS_LISTED = 100  # of each kind

_WORST_FIRST = list(Severity)
_KINDS = list(Kind)


class Findings:
    """In bounded memory, however many there are."""

    def __init__(self) -> None:
        self._counts: Counter[Kind] = Counter()
        self._items: defaultdict[Kind, list[Item]] = defaultdict(list)

    def add(self, kind: Kind, item: Item) -> None:
        self._counts[kind] += 1
        items = self._items[kind]
        if len(items) < ITEMS_LISTED:
            items.append(item)

    def sorted(self) -> tuple[Finding, ...]:
        """Worst first."""
        found = [self._finding(kind) for kind in _KINDS if self._counts[kind]]
        return tuple(sorted(found, key=lambda finding: _WORST_FIRST.index(finding.severity)))

    def _finding(self, kind: Kind) -> Finding:
        nature = NATURES[kind]
        return Finding(
            nature.severity,
            kind,
            nature.advice,
            nature.unit,
            self._counts[kind],
            tuple(self._items[kind]),
        )
