"""CHECK_HEALTH: checks entries and their images, writes a report into the records."""

from __future__ import annotations

import time

import msgspec

from lensmith.datasets.completion import completing, dataset_of
from lensmith.datasets.images import read_pictures
from lensmith.datasets.stores import Stores
from lensmith.domain.dataset import Dataset, DatasetType
from lensmith.domain.job import Job, Progress
from lensmith.health.check import HealthCheck
from lensmith.health.entry import CheckedEntry, ExpectedImage, Frame, FramedBox, ImageFacts
from lensmith.manifest.convert.adjustment import replaced_attributes
from lensmith.manifest.dataset.entry import manifest_line
from lensmith.manifest.line.validate import check_line
from lensmith.store.records import entries, health_reports, jobs
from lensmith.store.records.engine import Records
from lensmith.store.records.entries import NewEntry

_REPORT_SECONDS = 0.5  # between two writes of the progress


def check_health(stores: Stores, job: Job) -> None:
    """Check the datasets of the job and store the report with their project.

    Raises DatasetGoneError.
    """
    datasets = _datasets(stores.records, job)
    check, progress = HealthCheck(datasets), _ProgressNotes(stores.records, job)
    images = [
        image for dataset in datasets for image in _see_entries(stores.records, dataset, check)
    ]
    client = stores.objects.for_key(job.access_key_id)
    for done, (image, found) in enumerate(read_pictures(client, images), start=1):
        if isinstance(found, ImageFacts):
            check.add_image(image, found)
        else:
            check.add_unreadable(image, found)
        progress.note("images", done, len(images))
    report = check.conclude(lambda done, total: progress.note("duplicates", done, total))
    with completing(stores.records, job) as connection:
        dataset_of(connection, datasets[0].arn)  # raises if it is gone, and its project with it
        health_reports.put(connection, datasets[0].project_id, msgspec.json.encode(report))


def _datasets(records: Records, job: Job) -> list[Dataset]:
    """Return the job's datasets, TRAIN first, as the search for leaks needs it."""
    with records.read() as connection:
        found = [dataset_of(connection, arn) for arn in job.payload["dataset_arns"]]
    return sorted(found, key=lambda dataset: list(DatasetType).index(dataset.type))


def _see_entries(records: Records, dataset: Dataset, check: HealthCheck) -> list[ExpectedImage]:
    """Pass every entry to the check; returns the images to read."""
    labels: dict[frozenset[str], frozenset[str]] = {}  # many images have the same few sets
    frames: dict[Frame, Frame] = {}
    images = []
    with records.read() as connection:
        for stored in entries.contents(connection, dataset.id):
            entry = _entry(dataset, stored)
            check.add_entry(entry)
            check.add_declared(dataset.type, stored.mentions)
            named = labels.setdefault(entry.labels, entry.labels)
            frame = entry.boxes[0].frame if entry.boxes else None
            if frame is not None:
                frame = frames.setdefault(frame, frame)
            images.append(ExpectedImage(dataset.type, entry.source_ref, named, frame))
    return images


def _entry(dataset: Dataset, stored: NewEntry) -> CheckedEntry:
    """Make the entry that training would use; a line with errors may have no labels left."""
    checked = check_line(manifest_line(stored.line))
    codes = dict.fromkeys(
        finding.code.name for finding in checked.findings if not finding.code.is_warning
    )
    usable = checked.entry
    return CheckedEntry(
        dataset.type,
        stored.source_ref,
        stored.is_labeled,
        tuple(label.name for label in usable.image_labels) if usable else (),
        tuple(
            FramedBox(label, box, Frame(boxes.image_width, boxes.image_height))
            for boxes in (usable.box_sets if usable else ())
            for label, box in boxes.fractions()
        ),
        tuple(codes),
        tuple(_replaced(stored.line)),
    )


def _replaced(line: str) -> list[str]:
    """Name the attributes that an adjusted one replaces, without parsing the other lines."""
    return replaced_attributes(msgspec.json.decode(line)) if "adjustment-status" in line else []


class _ProgressNotes:
    """Writes a job's progress at most twice a second: every write waits for the disk."""

    def __init__(self, records: Records, job: Job) -> None:
        self._records = records
        self._job = job
        self._next = 0.0

    def note(self, phase: str, done: int, total: int) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _REPORT_SECONDS
        with self._records.write() as connection:
            jobs.report(connection, self._job, Progress(phase, done, total))
