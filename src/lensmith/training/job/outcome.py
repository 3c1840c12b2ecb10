"""Records the end of a training: its version and its job in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from lensmith.domain.errors import LensmithError
from lensmith.domain.job import Job, JobStatus
from lensmith.domain.project_version import ResultFile, VersionStatus
from lensmith.store.records import jobs, project_versions
from lensmith.store.records.engine import Records

CANCELLED = "The training was cancelled."

ResultFiles = Mapping[ResultFile, str]  # S3 keys


class SupersededError(LensmithError):
    """The job was cancelled, or given to another process, while this one worked on it."""


def complete(
    records: Records, job: Job, result_files: ResultFiles, f1_score: float, billable_seconds: int
) -> None:
    """Record success. Raises SupersededError, changing nothing, if the job moved on."""
    with records.write() as connection:
        _refuse_superseded(connection, job)
        version = project_versions.find(connection, job.resource_arn)
        if version is None:
            raise SupersededError(job.resource_arn)
        project_versions.finish_training(
            connection,
            version.id,
            VersionStatus.TRAINING_COMPLETED,
            result_files=_by_name(result_files),
            f1_score=f1_score,
            billable_seconds=billable_seconds,
        )
        jobs.finish(connection, job.id, JobStatus.SUCCEEDED)


def fail(
    records: Records,
    job: Job,
    message: str,
    *,
    error: str,
    result_files: ResultFiles | None = None,
    status: JobStatus = JobStatus.FAILED,
) -> None:
    """Record failure with `message` for the version; `error` is for the operator of the server.

    Raises SupersededError, changing nothing, if the job moved on.
    """
    with records.write() as connection:
        _refuse_superseded(connection, job)
        version = project_versions.find(connection, job.resource_arn)
        if version is not None:
            project_versions.finish_training(
                connection,
                version.id,
                VersionStatus.TRAINING_FAILED,
                message,
                result_files=_by_name(result_files or {}),
            )
        jobs.finish(connection, job.id, status, error)


def cancel(records: Records, job: Job) -> None:
    """End a queued or running training; the launcher then stops its process.

    Raises SupersededError when it has ended or moved on since `job` was read.
    """
    fail(records, job, CANCELLED, error=CANCELLED, status=JobStatus.CANCELLED)


def _refuse_superseded(connection: Connection, job: Job) -> None:
    current = jobs.locked(connection, job.id)
    # An attempt that does not count differs from the next one by when it was claimed.
    if (current.status, current.attempts, current.started_ms) != (
        job.status,
        job.attempts,
        job.started_ms,
    ):
        raise SupersededError(f"Job {job.id} is {current.status}, attempt {current.attempts}.")


def _by_name(result_files: ResultFiles) -> dict[str, str]:
    return {file.value: key for file, key in result_files.items()}
