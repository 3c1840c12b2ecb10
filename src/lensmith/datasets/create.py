"""CREATE_DATASET: fills a dataset from a manifest, or with a copy of another dataset."""

from __future__ import annotations

from lensmith.datasets.batch_writer import BatchWriter
from lensmith.datasets.completion import completing, dataset_of, empty
from lensmith.datasets.entry import new_entry
from lensmith.datasets.rejection_log import RejectionLog
from lensmith.datasets.stores import Stores
from lensmith.domain.dataset import DatasetStatus
from lensmith.domain.job import Job, Progress
from lensmith.manifest.dataset.entry import RejectedLine
from lensmith.manifest.dataset.line_reader import LineReader
from lensmith.manifest.file_errors import manifest_file_errors
from lensmith.manifest.line.reading import read_lines
from lensmith.store.manifest_reader import ManifestReader
from lensmith.store.records import datasets, entries

_FROM_MANIFEST = "The dataset was successfully created from the manifest file."
_FROM_DATASET = "The dataset was successfully created from the existing dataset."


def create_dataset(stores: Stores, job: Job) -> None:
    """Fill the job's dataset from its source, after deleting what an earlier attempt left.

    Raises ManifestFileError, DatasetGoneError, JobCancelledError or SupersededError.
    """
    with stores.records.read() as connection:
        dataset = dataset_of(connection, job.resource_arn)
    empty(stores.records, job, dataset.id)
    writer = BatchWriter(stores.records, job, dataset, stores.settings.quotas.labels)
    if job.payload["source"] == "manifest":
        _from_manifest(stores, job, writer)
        message = _FROM_MANIFEST
    else:
        _from_dataset(stores, job, writer)
        message = _FROM_DATASET
    with completing(stores.records, job) as connection:
        writer.label_index.save(connection)
        entries.refresh_stats(connection, dataset.id)
        datasets.set_status(connection, dataset.id, DatasetStatus.CREATE_COMPLETE, message)


def _from_manifest(stores: Stores, job: Job, writer: BatchWriter) -> None:
    quotas = stores.settings.quotas
    with manifest_file_errors():
        manifest = _open_manifest(stores, job)
    reader = LineReader(quotas)
    rejected = RejectionLog(job.resource_arn)
    for line in read_lines(manifest.pieces()):
        checked = reader.take(line)
        if isinstance(checked, RejectedLine):
            rejected.note(reader.lines, checked)
            continue
        progress = Progress("lines", reader.lines, manifest.estimated_lines(reader.lines))
        writer.put(new_entry(checked), progress)
    writer.flush(Progress("lines", reader.lines, reader.lines))
    rejected.write()
    reader.finish(entries=writer.count, labels=len(writer.label_index))


def _open_manifest(stores: Stores, job: Job) -> ManifestReader:
    given = job.payload
    return ManifestReader.open(
        stores.objects.for_key(job.access_key_id),
        given["bucket"],
        given["key"],
        given.get("version"),
        max_bytes=stores.settings.quotas.manifest_bytes,
    )


def _from_dataset(stores: Stores, job: Job, writer: BatchWriter) -> None:
    # One read transaction sees the source as it was when the copy began, whatever changes it.
    with stores.records.read() as connection:
        source = dataset_of(connection, job.payload["dataset_arn"])
        total = source.stats.total_entries
        for entry in entries.contents(connection, source.id):
            writer.put(entry, Progress("entries", writer.count, total))
    writer.flush(Progress("entries", total, total))
