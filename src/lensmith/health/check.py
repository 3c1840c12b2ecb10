"""One check of a project's datasets: entries first, then their images, then the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lensmith.domain.clock import now_ms
from lensmith.domain.dataset import Dataset, DatasetType
from lensmith.health.boxes import check_boxes
from lensmith.health.copies import Copies
from lensmith.health.entry import Entry, Expected, Picture
from lensmith.health.findings import Findings
from lensmith.health.kind import Kind
from lensmith.health.labels import LabelCounts, check_labels, label_summaries
from lensmith.health.pictures import Pictures
from lensmith.health.report import DatasetSummary, HealthReport, Item


class HealthCheck:
    """Fed entry by entry and image by image; memory grows by about 1 KB an image."""

    def __init__(self, datasets: Sequence[Dataset]) -> None:
        self._datasets = {dataset.type: dataset for dataset in datasets}
        self._findings = Findings()
        self._labels = {kind: LabelCounts(kind) for kind in self._datasets}
        self._pictures = {kind: Pictures(self._findings) for kind in self._datasets}
        self._copies = Copies(self._findings)

    def see_entry(self, entry: Entry) -> None:
        self._labels[entry.dataset].see(entry)
        if entry.errors:
            codes = ", ".join(entry.errors)
            item = Item(entry.dataset, entry.source_ref, None, codes)
            self._findings.add(Kind.ENTRIES_WITH_ERRORS, item)
        if not entry.is_labeled:
            item = Item(entry.dataset, entry.source_ref)
            self._findings.add(Kind.IMAGES_WITHOUT_LABELS, item)
        check_boxes(entry, self._findings)

    def see_declared(self, dataset: DatasetType, labels: Iterable[str]) -> None:
        """Labels that an entry names, also those that are only in its class-map."""
        self._labels[dataset].declare(labels)

    def see_picture(self, image: Expected, picture: Picture) -> None:
        """Images of the training dataset come before those of the test dataset."""
        self._pictures[image.dataset].see(image, picture)
        self._copies.see(image, picture)

    def see_unreadable(self, image: Expected, reason: str) -> None:
        self._pictures[image.dataset].see_unreadable(image, reason)

    def conclude(self, report: Callable[[int, int], None]) -> HealthReport:
        """Compare what needs all images; `report` hears how many of how many are compared."""
        train, test = self._labels.get(DatasetType.TRAIN), self._labels.get(DatasetType.TEST)
        check_labels(train, test, self._findings)
        for pictures in self._pictures.values():
            pictures.conclude()
        self._copies.conclude(report)
        return HealthReport(
            now_ms(),
            tuple(self._summary(dataset) for dataset in self._datasets.values()),
            label_summaries(train, test),
            self._findings.sorted(),
        )

    def _summary(self, dataset: Dataset) -> DatasetSummary:
        labels, pictures = self._labels[dataset.type], self._pictures[dataset.type]
        return DatasetSummary(
            dataset.type,
            dataset.arn,
            dataset.updated_ms,
            labels.entries,
            labels.labeled_entries,
            sum(labels.boxes.values()),
            pictures.read,
            *pictures.median_size,
            labels.balance,
        )
