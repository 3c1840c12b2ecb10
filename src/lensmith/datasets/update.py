"""UPDATE_DATASET: lines that replace entries of the same source-ref or are appended."""

from __future__ import annotations

from lensmith.datasets.completion import completing, dataset_of
from lensmith.datasets.entry import new_entry
from lensmith.datasets.rejection_log import RejectionLog
from lensmith.datasets.stores import Stores
from lensmith.domain.dataset import DatasetStatus
from lensmith.domain.job import Job
from lensmith.manifest.dataset.entry import RejectedLine
from lensmith.manifest.dataset.line_reader import LineReader
from lensmith.manifest.line.entry import bucket_of
from lensmith.manifest.line.reading import read_lines
from lensmith.store.records import datasets, entries, jobs
from lensmith.store.records.entries import NewEntry
from lensmith.store.records.labels import LabelIndex

_UPDATED = "The dataset was successfully updated."


def update_dataset(stores: Stores, job: Job) -> None:
    """Apply the job's body in one transaction, all or nothing.

    Raises ManifestFileError or DatasetGoneError; the dataset is then as it was.
    """
    with stores.records.read() as connection:
        dataset = dataset_of(connection, job.resource_arn)
        body = jobs.body(connection, job.id)
        first = entries.first_source_ref(connection, dataset.id)
    reader = LineReader(stores.settings.quotas, bucket_of(first) if first else None)
    batch = _accepted(reader, body, dataset.arn)
    with completing(stores.records, job) as connection:
        label_index = LabelIndex.open(connection, dataset.id)
        entries.upsert(connection, label_index, batch)
        label_index.save(connection)
        entries.refresh_stats(connection, dataset.id)
        stats = entries.stats(connection, dataset.id)
        reader.finish(entries=stats.total_entries, labels=stats.total_labels)
        datasets.set_status(connection, dataset.id, DatasetStatus.UPDATE_COMPLETE, _UPDATED)


def _accepted(reader: LineReader, body: bytes, dataset_arn: str) -> list[NewEntry]:
    rejected = RejectionLog(dataset_arn)
    batch = []
    for line in read_lines([body]):
        checked = reader.take(line)
        if isinstance(checked, RejectedLine):
            rejected.note(reader.lines, checked)
        else:
            batch.append(new_entry(checked))
    rejected.write()
    return batch
