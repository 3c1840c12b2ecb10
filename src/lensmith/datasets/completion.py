"""Ends jobs: success in one transaction with the last change, or failure with a message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from lensmith.domain.dataset import Dataset, DatasetStatus, StatusMessageCode
from lensmith.domain.errors import LensmithError
from lensmith.domain.job import Job, JobKind, JobStatus
from lensmith.domain.project_version import VersionStatus
from lensmith.store.records import datasets, entries, jobs, project_versions
from lensmith.store.records.engine import Records
from lensmith.store.records.leases import holding

_CHUNK = 2000  # entries deleted in one transaction: other writers wait for no more

_FAILED = {
    JobKind.CREATE_DATASET: DatasetStatus.CREATE_FAILED,
    JobKind.UPDATE_DATASET: DatasetStatus.UPDATE_FAILED,
    JobKind.DISTRIBUTE_DATASET: DatasetStatus.UPDATE_FAILED,
    JobKind.RENAME_LABEL: DatasetStatus.UPDATE_FAILED,
    JobKind.REMOVE_LABEL: DatasetStatus.UPDATE_FAILED,
}


class DatasetGoneError(LensmithError):
    """The dataset no longer exists."""


@contextmanager
def completing(records: Records, job: Job) -> Iterator[Connection]:
    """Open the last transaction of a job, which also records its success.

    Raises JobCancelledError or SupersededError before anything is changed.
    """
    with holding(records, job) as connection:
        yield connection
        jobs.finish(connection, job, JobStatus.SUCCEEDED)


def fail(records: Records, job: Job, code: StatusMessageCode, message: str) -> None:
    """Fail a job: set the status of its resources; a partly created dataset is emptied.

    Raises JobCancelledError or SupersededError.
    """
    with records.read() as connection:
        found = [datasets.find(connection, arn) for arn in _dataset_arns(job)]
    affected = [dataset for dataset in found if dataset is not None]
    if job.kind is JobKind.CREATE_DATASET:
        for dataset in affected:
            empty(records, job, dataset.id)
    with holding(records, job) as connection:
        if job.kind is JobKind.COPY_VERSION:
            _fail_copy(connection, job.resource_arn, message)
        for dataset in affected:
            datasets.set_status(connection, dataset.id, _FAILED[job.kind], message, code)
        jobs.finish(connection, job, JobStatus.FAILED, message)


def _fail_copy(connection: Connection, version_arn: str, message: str) -> None:
    version = project_versions.find(connection, version_arn)
    if version is not None:
        status = VersionStatus.COPYING_FAILED
        project_versions.set_status(connection, version.id, status, message)


def empty(records: Records, job: Job, dataset_id: int) -> None:
    """Delete the content of a job's dataset in short transactions; raises as `completing` does."""
    more = True
    while more:
        with holding(records, job) as connection:
            more = entries.remove_some(connection, dataset_id, _CHUNK)
    with holding(records, job) as connection:
        datasets.clear(connection, dataset_id)


def dataset_of(connection: Connection, arn: str) -> Dataset:
    """Return the dataset; raises DatasetGoneError if it no longer exists."""
    dataset = datasets.find(connection, arn)
    if dataset is None:
        raise DatasetGoneError(f"The dataset {arn} no longer exists.")
    return dataset


def _dataset_arns(job: Job) -> list[str]:
    if job.kind is JobKind.DISTRIBUTE_DATASET:
        return [job.payload["train_dataset_arn"], job.payload["test_dataset_arn"]]
    return [job.resource_arn] if job.kind in _FAILED else []
