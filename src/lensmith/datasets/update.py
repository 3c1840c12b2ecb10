"""UPDATE_DATASET: lines that replace entries of the same source-ref or are appended."""

from __future__ import annotations

from lensmith.datasets.drops import DropLog
from lensmith.datasets.ending import completing, dataset_of
from lensmith.datasets.entry import new_entry
from lensmith.datasets.stores import Stores
from lensmith.domain.dataset import DatasetStatus
from lensmith.domain.job import Job
from lensmith.manifest.dataset.entry import Drop
from lensmith.manifest.dataset.intake import Intake
from lensmith.manifest.line.entry import bucket_of
from lensmith.manifest.line.reading import read_lines
from lensmith.store.records import datasets, entries, jobs
from lensmith.store.records.entries import NewEntry
from lensmith.store.records.labels import Ledger

_UPDATED = "The dataset was successfully updated."


def update_dataset(stores: Stores, job: Job) -> None:
    """Apply the job's body in one transaction, all or nothing.

    Raises ManifestFileError or DatasetGoneError; the dataset is then as it was.
    """
    with stores.records.read() as connection:
        dataset = dataset_of(connection, job.resource_arn)
        body = jobs.body(connection, job.id)
        first = entries.first_source_ref(connection, dataset.id)
    intake = Intake(stores.settings.quotas, bucket_of(first) if first else None)
    batch = _accepted(intake, body, dataset.arn)
    with completing(stores.records, job) as connection:
        ledger = Ledger.open(connection, dataset.id)
        entries.upsert(connection, ledger, batch)
        ledger.save(connection)
        entries.refresh_stats(connection, dataset.id)
        stats = entries.stats(connection, dataset.id)
        intake.finish(entries=stats.total_entries, labels=stats.total_labels)
        datasets.set_status(connection, dataset.id, DatasetStatus.UPDATE_COMPLETE, _UPDATED)


def _accepted(intake: Intake, body: bytes, dataset_arn: str) -> list[NewEntry]:
    drops = DropLog(dataset_arn)
    batch = []
    for line in read_lines([body]):
        checked = intake.take(line)
        if isinstance(checked, Drop):
            drops.note(intake.lines, checked)
        else:
            batch.append(new_entry(checked))
    drops.write()
    return batch
