"""RENAME_LABEL and REMOVE_LABEL: every line that mentions a label is written anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import Connection

from lensmith.datasets.completion import completing, dataset_of
from lensmith.datasets.entry import new_entry
from lensmith.datasets.stores import Stores
from lensmith.domain.dataset import DatasetStatus
from lensmith.domain.job import Job, Progress
from lensmith.manifest.dataset.entry import RejectedLine, check_entry, manifest_line
from lensmith.manifest.labelling.relabel import relabelled
from lensmith.manifest.line.finding import Code, ManifestFileError
from lensmith.store.records import (
    datasets,
    entries,
    image_page,
    job_results,
    jobs,
    label_styles,
    labels,
    stored_entries,
)
from lensmith.store.records.entries import NewEntry
from lensmith.store.records.labels import LabelIndex

_UPDATED = "The dataset was successfully updated."
_BATCH = 1000  # entries between two notes of the progress


def relabel(stores: Stores, job: Job) -> None:
    """Change all entries in one transaction; raises DatasetGoneError or ManifestFileError."""
    label, other = job.payload["label"], job.payload.get("other")
    with stores.records.read() as connection:
        dataset = dataset_of(connection, job.resource_arn)
        positions = image_page.with_label(connection, dataset.id, label)
    changed: list[NewEntry] = []
    for batch in _changed(stores, dataset.id, positions, label, other):
        changed += batch
        with stores.records.write() as connection:
            jobs.report(connection, job, Progress("entries", len(changed), len(positions)))
    with completing(stores.records, job) as connection:
        if other is not None:
            _rename(connection, dataset.id, label, other)
        else:
            label_styles.remove(connection, dataset.id, label)
        index = LabelIndex.open(connection, dataset.id)
        entries.upsert(connection, index, changed)
        index.save(connection)
        entries.refresh_stats(connection, dataset.id)
        datasets.set_status(connection, dataset.id, DatasetStatus.UPDATE_COMPLETE, _UPDATED)
        jobs.report(connection, job, Progress("entries", len(changed), len(positions)))
        job_results.put(connection, job.id, msgspec.json.encode({"images": len(changed)}))


def _changed(
    stores: Stores, dataset_id: int, positions: Sequence[int], label: str, other: str | None
) -> Iterator[list[NewEntry]]:
    for start in range(0, len(positions), _BATCH):
        with stores.records.read() as connection:
            found = stored_entries.at(connection, dataset_id, positions[start : start + _BATCH])
        yield [_entry(relabelled(manifest_line(one.line), label, other)) for one in found]


def _entry(line: bytes) -> NewEntry:
    checked = check_entry(line)
    if isinstance(checked, RejectedLine):  # the new name makes it too long
        raise ManifestFileError(Code.ERROR_TOO_MANY_RECORDS_IN_ERROR)
    return new_entry(checked)


def _rename(connection: Connection, dataset_id: int, label: str, other: str) -> None:
    """Rename a label; it keeps its place and its look, unless it joins another."""
    if not labels.ids(connection, dataset_id, [other]):
        labels.rename(connection, dataset_id, label, other)
    label_styles.rename(connection, dataset_id, label, other)
