"""Chooses the labelled lines of the test part (manifests.md 4.4).

Iterative stratification (Sechidis et al., 2011) drafts the split label by label, rarest first.
It meets the fractions of frequent labels, but neither tests rare ones nor has the exact size, so
lines are then moved one by one, each time the one that costs least: first in labels without a
test image, then in the squared distance of the labels from their fractions. Lines of one scene
move together, so that a test image has no near copy that was learnt.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from heapq import heapify, heappop, heappush

from lensmith.domain.errors import LensmithError
from lensmith.domain.scene import units_of_scenes
from lensmith.manifest.line.quotas import OVERLAP_MINIMUM, TEST_FRACTION

_Cost = tuple[int, float]  # labels left without a test image, change of the squared distance


class TooFewImages(LensmithError):  # noqa: N818
    """The labelled images do not suffice for a split."""


def choose_test_lines(
    labels: Sequence[Collection[str]], seed: int, scenes: Sequence[int] | None = None
) -> frozenset[int]:
    """Return the indices of the lines to move: 20 %, at least one, stratified by label.

    `labels` holds the labels of each line, empty where it is not valid and labelled: such lines are
    never chosen. Lines with the same number in `scenes` stay together, as far as the labels allow
    (domain/scene.py); the part is then smaller or larger by less than a scene. Every label keeps a
    line. The same input and seed give the same choice. Raises TooFewImages.
    """
    draft = _Draft(labels, random.Random(seed), scenes or range(len(labels)))
    if not draft.units or min(draft.totals.values()) < 2:
        raise TooFewImages
    draft.stratify()
    draft.cover()
    draft.resize()
    if len(+draft.tested) < OVERLAP_MINIMUM * len(draft.totals):
        raise TooFewImages
    return draft.test_lines()


def choose_entries_to_distribute(
    labels: Sequence[Collection[str]], seed: int, scenes: Sequence[int] | None = None
) -> frozenset[int]:
    """Choose as `choose_test_lines` does, and 20 % of the lines without labels at random."""
    unlabeled = [index for index, names in enumerate(labels) if not names]
    count = round(TEST_FRACTION * len(unlabeled))
    chosen = random.Random(seed).sample(unlabeled, count)
    return choose_test_lines(labels, seed, scenes) | set(chosen)


class _Draft:
    """A split in the making, of units of lines that stay together, in an order shuffled once."""

    def __init__(
        self, labels: Sequence[Collection[str]], rng: random.Random, scenes: Sequence[int]
    ) -> None:
        labelled = [index for index, names in enumerate(labels) if names]
        self.size = max(1, round(TEST_FRACTION * len(labelled)))  # lines to choose
        names_of = [labels[line] for line in labelled]
        units = units_of_scenes([scenes[line] for line in labelled], names_of, self.size)
        self.lines = [tuple(labelled[place] for place in unit) for unit in units]
        self.units = list(range(len(units)))
        rng.shuffle(self.units)
        self.counts = [
            Counter(name for line in own for name in set(labels[line])) for own in self.lines
        ]
        self.units_of: dict[str, list[int]] = {}
        self.totals: Counter[str] = Counter()  # lines that carry the label
        for unit in self.units:
            self.totals.update(self.counts[unit])
            for name in sorted(self.counts[unit]):
                self.units_of.setdefault(name, []).append(unit)
        self.test: set[int] = set()
        self.chosen = 0  # lines
        self.tested: Counter[str] = Counter()  # lines of the test part that carry the label

    def test_lines(self) -> frozenset[int]:
        return frozenset(line for unit in self.test for line in self.lines[unit])

    def stratify(self) -> None:
        """Give every unit to the part that lacks the unit's rarest label more."""
        remaining = dict(self.totals)
        queue = [(count, name) for name, count in remaining.items()]
        heapify(queue)
        given: set[int] = set()
        while queue:
            count, name = heappop(queue)
            if count != remaining[name]:
                continue
            fresh = [unit for unit in self.units_of[name] if unit not in given]
            left = count
            for unit in fresh:
                if self._lacks(name, left) and self._can_spare(unit):
                    self._move(unit)
                left -= self.counts[unit][name]
            given.update(fresh)
            self._recount(remaining, queue, fresh)

    def cover(self) -> None:
        """Test every label that can spare a unit, rarest first."""
        for name in sorted(self.totals, key=lambda name: (self.totals[name], name)):
            if self.tested[name]:
                continue
            spare = [unit for unit in self.units_of[name] if self._can_spare(unit)]
            if spare:
                self._move(min(spare, key=self._cost_of_moving))

    def resize(self) -> None:
        """Move the cheapest units until the test part has its size, or as near as they allow."""
        if self.chosen < self.size:
            self._cheapest_first(set(self.units) - self.test, self._cost_of_moving, self._move)
        else:
            self._cheapest_first(self.test, self._cost_of_return, self._return)

    def _lacks(self, name: str, left: int) -> bool:
        """Return whether the test part lacks the label more, with `left` of its lines undecided."""
        total = self.totals[name]
        trained = total - left - self.tested[name]
        return TEST_FRACTION * total - self.tested[name] > (1 - TEST_FRACTION) * total - trained

    def _recount(
        self, remaining: dict[str, int], queue: list[tuple[int, str]], given: Iterable[int]
    ) -> None:
        touched: Counter[str] = Counter()
        for unit in given:
            touched.update(self.counts[unit])
        for name, count in touched.items():
            remaining[name] -= count
            if remaining[name]:
                heappush(queue, (remaining[name], name))

    def _cheapest_first(
        self,
        candidates: Iterable[int],
        cost_of: Callable[[int], _Cost],
        move: Callable[[int], None],
    ) -> None:
        # Costs only rise while units move one way, so a stale cost is a lower bound.
        ranks = {unit: rank for rank, unit in enumerate(self.units)}
        queue = [(cost_of(unit), ranks[unit], unit) for unit in candidates]
        heapify(queue)
        while queue and self.chosen != self.size:
            _, rank, unit = heappop(queue)
            if len(self.lines[unit]) > abs(self.size - self.chosen):
                continue
            cost = cost_of(unit)
            if queue and (cost, rank, unit) > queue[0]:
                heappush(queue, (cost, rank, unit))
            elif unit in self.test or self._can_spare(unit):
                move(unit)

    def _can_spare(self, unit: int) -> bool:
        """Return whether each label of the unit keeps another training line."""
        return all(
            self.tested[name] + count < self.totals[name]
            for name, count in self.counts[unit].items()
        )

    def _cost_of_moving(self, unit: int) -> _Cost:
        counts = self.counts[unit]
        newly_tested = sum(not self.tested[name] for name in counts)
        return -newly_tested, sum(n * n + 2 * n * self._surplus(name) for name, n in counts.items())

    def _cost_of_return(self, unit: int) -> _Cost:
        counts = self.counts[unit]
        no_longer_tested = sum(self.tested[name] == n for name, n in counts.items())
        return no_longer_tested, sum(
            n * n - 2 * n * self._surplus(name) for name, n in counts.items()
        )

    def _surplus(self, name: str) -> float:
        return self.tested[name] - TEST_FRACTION * self.totals[name]

    def _move(self, unit: int) -> None:
        self.test.add(unit)
        self.chosen += len(self.lines[unit])
        self.tested.update(self.counts[unit])

    def _return(self, unit: int) -> None:
        self.test.remove(unit)
        self.chosen -= len(self.lines[unit])
        self.tested.subtract(self.counts[unit])
