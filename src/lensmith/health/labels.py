"""Counts images and boxes of each label and finds labels with too few."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

from lensmith.domain.dataset import DatasetType
from lensmith.domain.split_names import are_splits
from lensmith.health.entry import CheckedEntry
from lensmith.health.finding_kind import MAX_LABEL_RATIO, MIN_LABEL_IMAGES, FindingKind
from lensmith.health.findings import Findings
from lensmith.health.report import Balance, Item, LabelSummary

_MIN_IMAGE_LEVEL_LABELS = 2  # that training takes


class LabelCounts:
    """Counts the labels of one dataset on the entries that training would use."""

    def __init__(self, dataset: DatasetType) -> None:
        self.dataset = dataset
        self.entries = 0
        self.labeled_entries = 0
        self.images: Counter[str] = Counter()
        self.boxes: Counter[str] = Counter()
        self.image_labels: Counter[str] = Counter()  # those of whole images
        self._declared: dict[str, None] = {}
        self._some_images: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, entry: CheckedEntry) -> None:
        self.entries += 1
        self.labeled_entries += entry.is_labeled
        self.boxes.update(box.label for box in entry.boxes)
        self.image_labels.update(set(entry.image_labels))
        for label in entry.labels:
            self.images[label] += 1
            if self.images[label] < MIN_LABEL_IMAGES:
                self._some_images[label].append(entry.source_ref)

    def declare(self, labels: Iterable[str]) -> None:
        """Add labels that the dataset names, on images or not."""
        self._declared.update(dict.fromkeys(labels))

    @property
    def unused(self) -> list[str]:
        return [label for label in self._declared if label not in self.images]

    @property
    def balance(self) -> Balance | None:
        """None without labels."""
        counts = list(self.images.values())
        if not counts:
            return None
        total = sum(counts)
        entropy = -sum(count / total * math.log(count / total) for count in counts)
        evenness = entropy / math.log(len(counts)) if len(counts) > 1 else 1.0
        return Balance(round(max(counts) / min(counts), 2), round(evenness, 4))

    def rare(self) -> list[str]:
        """Return the labels far below the most frequent, rarest first."""
        highest = max(self.images.values(), default=0)
        return [label for label, count in self.rarest_first() if count * MAX_LABEL_RATIO < highest]

    def rarest_first(self) -> list[tuple[str, int]]:
        return sorted(self.images.items(), key=lambda pair: (pair[1], pair[0]))

    def item(self, label: str) -> Item:
        count = self.images[label]
        named = tuple(self._some_images[label]) if count < MIN_LABEL_IMAGES else ()
        return Item(self.dataset, None, label, f"{count} image{'' if count == 1 else 's'}", named)


def check_labels(train: LabelCounts | None, test: LabelCounts | None, findings: Findings) -> None:
    """Add the findings on labels; None stands for a missing dataset."""
    for counts in (train, test):
        if counts is not None:
            _check_alone(counts, findings)
    if train is not None:
        _check_training(train, findings)
    if train is not None and test is not None:
        _check_together(train, test, findings)


def label_summaries(
    train: LabelCounts | None, test: LabelCounts | None
) -> tuple[LabelSummary, ...]:
    """Summarise every label of both datasets, by falling number of training images."""
    empty = LabelCounts(DatasetType.TRAIN)
    train, test = train or empty, test or empty
    names = {*train.images, *test.images, *train.unused, *test.unused}
    summaries = [
        LabelSummary(
            name, train.images[name], train.boxes[name], test.images[name], test.boxes[name]
        )
        for name in names
    ]
    return tuple(sorted(summaries, key=lambda one: (-one.train_images, -one.test_images, one.name)))


def _check_alone(counts: LabelCounts, findings: Findings) -> None:
    for label in counts.rare():
        findings.add(FindingKind.IMBALANCED_LABELS, counts.item(label))
    for label in counts.unused:
        findings.add(FindingKind.LABEL_UNUSED, counts.item(label))
    for label, _ in counts.rarest_first():
        if are_splits([label]):
            findings.add(FindingKind.LABEL_NAMED_LIKE_SPLIT, counts.item(label))


def _check_training(train: LabelCounts, findings: Findings) -> None:
    if not train.boxes and len(train.images) < _MIN_IMAGE_LEVEL_LABELS:
        detail = f"{len(train.images)} image-level labels, no boxes"
        findings.add(FindingKind.TOO_FEW_LABELS, Item(train.dataset, detail=detail))
    for label, count in sorted(train.image_labels.items()):
        if count == train.labeled_entries and train.labeled_entries >= MIN_LABEL_IMAGES:
            findings.add(FindingKind.LABEL_ON_EVERY_IMAGE, train.item(label))
    for label, count in train.rarest_first():
        if count < MIN_LABEL_IMAGES:
            findings.add(FindingKind.LABEL_WITH_FEW_IMAGES, train.item(label))


def _check_together(train: LabelCounts, test: LabelCounts, findings: Findings) -> None:
    for label, _ in test.rarest_first():
        if label not in train.images:
            findings.add(FindingKind.LABEL_NOT_TRAINED, test.item(label))
    if not test.images:  # nothing to compare with yet
        return
    for label, _ in train.rarest_first():
        if label not in test.images:
            findings.add(FindingKind.LABEL_NOT_TESTED, train.item(label))
