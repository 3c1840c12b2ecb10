"""Records the end of a training: its version and its job in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from lensmith.domain.job import Job, JobStatus
from lensmith.domain.job_errors import SupersededError
from lensmith.domain.project_version import ResultFile, VersionStatus
from lensmith.store.records import jobs, project_versions
from lensmith.store.records.engine import Records
from lensmith.store.records.leases import holding

CANCELLED = "The training was cancelled."

ResultFiles = Mapping[ResultFile, str]  # S3 keys


def complete(
    records: Records,
    job: Job,
    result_files: ResultFiles,
    f1_score: float,
    billable_seconds: int,
    artefact: str,
) -> None:
    """Record success; `artefact` is the digest of the published model.

    Raises as `jobs.hold` does, changing nothing, if the job moved on.
    """
    with holding(records, job) as connection:
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
            artefact=artefact,
        )
        jobs.finish(connection, job, JobStatus.SUCCEEDED)


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

    Raises as `jobs.hold` does, changing nothing, if the job moved on.
    """
    with holding(records, job) as connection:
        version = project_versions.find(connection, job.resource_arn)
        if version is not None:
            project_versions.finish_training(
                connection,
                version.id,
                VersionStatus.TRAINING_FAILED,
                message,
                result_files=_by_name(result_files or {}),
            )
        jobs.finish(connection, job, status, error)


def cancel(records: Records, job: Job) -> None:
    """End a queued or running training; the launcher then stops its process.

    Raises as `jobs.hold` does when it has ended or moved on since `job` was read.
    """
    fail(records, job, CANCELLED, error=CANCELLED, status=JobStatus.CANCELLED)


def _by_name(result_files: ResultFiles) -> dict[str, str]:
    return {file.value: key for file, key in result_files.items()}
