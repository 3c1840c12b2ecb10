"""Checks a project's datasets: entries first, then their images, then the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lensmith.domain.clock import now_ms
from lensmith.domain.dataset import Dataset, DatasetType
from lensmith.health.boxes import check_boxes
from lensmith.health.duplicates import Duplicates
from lensmith.health.entry import CheckedEntry, ExpectedImage, ImageFacts
from lensmith.health.finding_kind import FindingKind
from lensmith.health.findings import Findings
from lensmith.health.image_shapes import ImageShapes
from lensmith.health.labels import LabelCounts, check_labels, label_summaries
from lensmith.health.report import DatasetSummary, HealthReport, Item


class HealthCheck:
    """Takes entries and images one by one; memory grows by about 1 KB an image."""

    def __init__(self, datasets: Sequence[Dataset]) -> None:
        self._datasets = {dataset.type: dataset for dataset in datasets}
        self._findings = Findings()
        self._labels = {kind: LabelCounts(kind) for kind in self._datasets}
        self._shapes = {kind: ImageShapes(self._findings) for kind in self._datasets}
        self._duplicates = Duplicates(self._findings)

    def add_entry(self, entry: CheckedEntry) -> None:
        self._labels[entry.dataset].add(entry)
        if entry.errors:
            codes = ", ".join(entry.errors)
            item = Item(entry.dataset, entry.source_ref, None, codes)
            self._findings.add(FindingKind.ENTRIES_WITH_ERRORS, item)
        if not entry.is_labeled:
            item = Item(entry.dataset, entry.source_ref)
            self._findings.add(FindingKind.IMAGES_WITHOUT_LABELS, item)
        if entry.replaced:
            item = Item(entry.dataset, entry.source_ref, None, ", ".join(entry.replaced))
            self._findings.add(FindingKind.ADJUSTED_LABELS_KEPT, item)
        check_boxes(entry, self._findings)

    def add_declared(self, dataset: DatasetType, labels: Iterable[str]) -> None:
        """Add labels that an entry names, also those only in its class-map."""
        self._labels[dataset].declare(labels)

    def add_image(self, image: ExpectedImage, facts: ImageFacts) -> None:
        """Add what was read of an image; the training dataset's come before the test dataset's."""
        self._shapes[image.dataset].add(image, facts)
        self._duplicates.add(image, facts)

    def add_unreadable(self, image: ExpectedImage, reason: str) -> None:
        self._shapes[image.dataset].add_unreadable(image, reason)

    def conclude(self, report: Callable[[int, int], None]) -> HealthReport:
        """Compare the images and report; `report` is called with (images compared, all images)."""
        train, test = self._labels.get(DatasetType.TRAIN), self._labels.get(DatasetType.TEST)
        check_labels(train, test, self._findings)
        for shapes in self._shapes.values():
            shapes.conclude()
        self._duplicates.conclude(report)
        return HealthReport(
            now_ms(),
            tuple(self._summary(dataset) for dataset in self._datasets.values()),
            label_summaries(train, test),
            self._findings.sorted(),
        )

    def _summary(self, dataset: Dataset) -> DatasetSummary:
        labels, shapes = self._labels[dataset.type], self._shapes[dataset.type]
        return DatasetSummary(
            dataset.type,
            dataset.arn,
            dataset.updated_ms,
            labels.entries,
            labels.labeled_entries,
            sum(labels.boxes.values()),
            shapes.read,
            *shapes.median_size,
            labels.balance,
        )
