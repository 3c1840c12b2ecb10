"""Chooses the labelled lines of the test part (manifests.md 4.4).

Iterative stratification (Sechidis et al., 2011) drafts the split label by label, rarest first.
It meets the fractions of frequent labels, but neither tests rare ones nor has the exact size, so
lines are then moved one by one, each time the one that costs least: first in labels without a
test image, then in the squared distance of the labels from their fractions.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from heapq import heapify, heappop, heappush

from lensmith.domain.errors import LensmithError
from lensmith.manifest.line.quotas import OVERLAP_MINIMUM, TEST_FRACTION

_Cost = tuple[int, float]  # labels left without a test image, change of the squared distance


class TooFewImages(LensmithError):  # noqa: N818
    """The labelled images do not suffice for a split."""


def choose_test_lines(labels: Sequence[Collection[str]], seed: int) -> frozenset[int]:
    """Return the indices of the lines to move: 20 %, at least one, stratified by label.

    `labels` holds the labels of each line, empty where it is not valid and labelled: such lines are
    never chosen. Every label keeps a line. The same input and seed give the same choice.
    Raises TooFewImages.
    """
    draft = _Draft(labels, random.Random(seed))
    if not draft.lines or min(map(len, draft.lines_of.values())) < 2:
        raise TooFewImages
    draft.stratify()
    draft.cover()
    draft.resize(max(1, round(TEST_FRACTION * len(draft.lines))))
    if len(+draft.tested) < OVERLAP_MINIMUM * len(draft.lines_of):
        raise TooFewImages
    return frozenset(draft.test)


def choose_entries_to_distribute(labels: Sequence[Collection[str]], seed: int) -> frozenset[int]:
    """Choose as `choose_test_lines` does, and 20 % of the lines without labels at random."""
    unlabeled = [index for index, names in enumerate(labels) if not names]
    count = round(TEST_FRACTION * len(unlabeled))
    return choose_test_lines(labels, seed) | set(random.Random(seed).sample(unlabeled, count))


class _Draft:
    """A split in the making; lines are indices, in an order shuffled once."""

    def __init__(self, labels: Sequence[Collection[str]], rng: random.Random) -> None:
        self.lines = [index for index, names in enumerate(labels) if names]
        rng.shuffle(self.lines)
        self.names = {line: sorted(set(labels[line])) for line in self.lines}
        self.lines_of: dict[str, list[int]] = {}
        for line in self.lines:
            for name in self.names[line]:
                self.lines_of.setdefault(name, []).append(line)
        self.test: set[int] = set()
        self.tested: Counter[str] = Counter()  # lines of the test part that carry the label

    def stratify(self) -> None:
        """Give every line to the part that lacks the line's rarest label more."""
        remaining = {name: len(lines) for name, lines in self.lines_of.items()}
        queue = [(count, name) for name, count in remaining.items()]
        heapify(queue)
        given: set[int] = set()
        while queue:
            count, name = heappop(queue)
            if count != remaining[name]:
                continue
            fresh = [line for line in self.lines_of[name] if line not in given]
            for left, line in zip(range(len(fresh), 0, -1), fresh, strict=True):
                if self._lacks(name, left) and self._can_spare(line):
                    self._move(line)
            given.update(fresh)
            self._recount(remaining, queue, fresh)

    def cover(self) -> None:
        """Test every label that can spare a line, rarest first."""
        for name in sorted(self.lines_of, key=lambda name: (len(self.lines_of[name]), name)):
            if self.tested[name]:
                continue
            spare = [line for line in self.lines_of[name] if self._can_spare(line)]
            if spare:
                self._move(min(spare, key=self._cost_of_moving))

    def resize(self, size: int) -> None:
        """Move the cheapest lines until the test part has `size`, or no line can be spared."""
        if len(self.test) < size:
            self._cheapest_first(
                set(self.lines) - self.test, self._cost_of_moving, self._move, size
            )
        else:
            self._cheapest_first(self.test, self._cost_of_return, self._return, size)

    def _lacks(self, name: str, left: int) -> bool:
        """Return whether the test part lacks the label more, with `left` of its lines undecided."""
        total = len(self.lines_of[name])
        trained = total - left - self.tested[name]
        return TEST_FRACTION * total - self.tested[name] > (1 - TEST_FRACTION) * total - trained

    def _recount(
        self, remaining: dict[str, int], queue: list[tuple[int, str]], given: Iterable[int]
    ) -> None:
        touched = Counter(name for line in given for name in self.names[line])
        for name, count in touched.items():
            remaining[name] -= count
            if remaining[name]:
                heappush(queue, (remaining[name], name))

    def _cheapest_first(
        self,
        candidates: Iterable[int],
        cost_of: Callable[[int], _Cost],
        move: Callable[[int], None],
        size: int,
    ) -> None:
        # Costs only rise while lines move one way, so a stale cost is a lower bound.
        ranks = {line: rank for rank, line in enumerate(self.lines)}
        queue = [(cost_of(line), ranks[line], line) for line in candidates]
        heapify(queue)
        while queue and len(self.test) != size:
            _, rank, line = heappop(queue)
            cost = cost_of(line)
            if queue and (cost, rank, line) > queue[0]:
                heappush(queue, (cost, rank, line))
            elif line in self.test or self._can_spare(line):
                move(line)

    def _can_spare(self, line: int) -> bool:
        """Return whether each label of the line keeps another training line."""
        return all(self.tested[name] + 1 < len(self.lines_of[name]) for name in self.names[line])

    def _cost_of_moving(self, line: int) -> _Cost:
        names = self.names[line]
        newly_tested = sum(not self.tested[name] for name in names)
        return -newly_tested, sum(1 + 2 * self._surplus(name) for name in names)

    def _cost_of_return(self, line: int) -> _Cost:
        names = self.names[line]
        no_longer_tested = sum(self.tested[name] == 1 for name in names)
        return no_longer_tested, sum(1 - 2 * self._surplus(name) for name in names)

    def _surplus(self, name: str) -> float:
        return self.tested[name] - TEST_FRACTION * len(self.lines_of[name])

    def _move(self, line: int) -> None:
        self.test.add(line)
        self.tested.update(self.names[line])

    def _return(self, line: int) -> None:
        self.test.remove(line)
        self.tested.subtract(self.names[line])
