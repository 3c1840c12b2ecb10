"""The training of one version beyond AWS: its state, cancelling it, exporting its model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection

from lensmith.domain.caller import Caller
from lensmith.domain.clock import now_ms
from lensmith.domain.errors import (
    InvalidParameterException,
    ResourceNotFoundException,
    ResourceNotReadyException,
)
from lensmith.domain.job import Job, JobKind, JobStatus, Progress, TrainingPoint
from lensmith.domain.job_errors import JobCancelledError, SupersededError
from lensmith.domain.precision import ExportFormat
from lensmith.domain.project_version import ProjectVersion, ResultFile, VersionStatus
from lensmith.domain.training_report import TrainingReport
from lensmith.inference.artefact import Artefact, ArtefactError
from lensmith.inference.export.archive import FormatMissingError, archive
from lensmith.operations.call import Permission, Service
from lensmith.operations.hosting import in_state
from lensmith.operations.permissions import to_act_on
from lensmith.store.published.model import reading_model
from lensmith.store.records import jobs, project_versions, projects, training_points
from lensmith.store.unreadable_folder import UnreadableFolderError
from lensmith.training.job.cancel import cancel_training

_UNDER_WAY = frozenset({JobStatus.QUEUED, JobStatus.RUNNING})


@dataclass(frozen=True, slots=True)
class TrainingState:
    """Progress or result of a training."""

    project_version_arn: str
    status: VersionStatus
    status_message: str
    queue_position: int | None  # 1: runs next; None once it has begun
    attempt: int  # 2: its process ended during the first; a server's end does not count
    progress: Progress | None  # while it runs
    seconds: float  # since this attempt began, to its end
    history: list[TrainingPoint]
    report: TrainingReport | None  # None without a model


def find_version(
    service: Service, caller: Caller, project_name: str, version_name: str
) -> ProjectVersion:
    """Find a version of the caller's account by names; raises ResourceNotFoundException."""
    with service.records.read() as connection:
        project = projects.find_by_name(
            connection, caller.account_id, service.settings.region, project_name
        )
        if project is None:
            raise ResourceNotFoundException(project_name)
        found = project_versions.page(connection, project.id, names=[version_name], limit=1)
        if not found:
            raise ResourceNotFoundException(f"{project_name}/{version_name}")
        return found[0]


def to_read(service: Service, version: ProjectVersion) -> Permission:
    """Need DescribeProjectVersions on the project."""
    with service.records.read() as connection:
        arn = projects.get(connection, version.project_id).arn
    return to_act_on(service, "DescribeProjectVersions", arn)


def to_read_images(_: Service, version: ProjectVersion) -> Permission:
    """Need s3:GetObject on the test snapshot, whose content the results of single images reveal."""
    key = version.result_files.get(ResultFile.TESTING_GROUND_TRUTH.value, "")
    return Permission("s3:GetObject", f"arn:aws:s3:::{version.output_bucket}/{key}", {}, {})


def to_cancel(service: Service, version: ProjectVersion) -> Permission:
    """Need DeleteProjectVersion: a cancelled version is as lost as a deleted one."""
    return to_act_on(service, "DeleteProjectVersion", version.arn)


def to_export(service: Service, version: ProjectVersion) -> Permission:
    """Need DetectCustomLabels: an exported model detects as the version does."""
    return to_act_on(service, "DetectCustomLabels", version.arn)


def to_resize(service: Service, version: ProjectVersion) -> Permission:
    """Need StartProjectVersion, which also sets the number of units."""
    return to_act_on(service, "StartProjectVersion", version.arn)


def training_state(service: Service, version: ProjectVersion) -> TrainingState:
    """Read the state; raises ResourceNotFoundException if the version was deleted meanwhile."""
    with service.records.read() as connection:
        current = _current(connection, version)
        job = jobs.of_resource(connection, version.arn, JobKind.TRAIN)
        queued = job is not None and job.status is JobStatus.QUEUED
        running = job is not None and job.status is JobStatus.RUNNING
        return TrainingState(
            current.arn,
            current.status,
            current.status_message,
            queue_position=jobs.queue_position(connection, job) if job and queued else None,
            attempt=job.attempts if job else 0,
            progress=job.progress if job and running else None,
            seconds=_seconds(job) if job else 0.0,
            history=training_points.of_version(connection, version.id),
            report=training_report(service, current),
        )


def cancel(service: Service, version: ProjectVersion) -> TrainingState:
    """End the training of a version, whose status becomes TRAINING_FAILED.

    Raises ResourceInUseException when it is not being trained.
    """
    while (job := _job_under_way(service, version)) is not None:
        with suppress(JobCancelledError, SupersededError):  # a queued one has just begun: try again
            cancel_training(service.settings, service.records, job)
            service.wake_jobs()
            return training_state(service, version)
    with service.records.read() as connection:
        raise in_state(_current(connection, version))


def model_archive(service: Service, version: ProjectVersion, wanted: str) -> Iterator[bytes]:
    """Stream the zip of a version's model in an `ExportFormat`.

    Raises InvalidParameterException for a format that the model does not have, and
    ResourceNotReadyException without a model.
    """
    if wanted not in set(ExportFormat):
        raise InvalidParameterException(f"format must be one of {', '.join(ExportFormat)}.")
    if not version.status.has_model:
        raise ResourceNotReadyException(f"Project version is in state {version.status.value}.")
    settings = service.settings
    try:
        with reading_model(settings, service.records, version) as folder:
            return archive(folder, ExportFormat(wanted), settings.memory_directory)
    except UnreadableFolderError as error:
        raise ResourceNotReadyException(str(error)) from error
    except FormatMissingError as error:
        raise InvalidParameterException(str(error)) from error


def _current(connection: Connection, version: ProjectVersion) -> ProjectVersion:
    found = project_versions.find(connection, version.arn)
    if found is None:
        raise ResourceNotFoundException(version.arn)
    return found


def _job_under_way(service: Service, version: ProjectVersion) -> Job | None:
    with service.records.read() as connection:
        job = jobs.of_resource(connection, version.arn, JobKind.TRAIN)
    return job if job is not None and job.status in _UNDER_WAY else None


def _seconds(job: Job) -> float:
    if job.started_ms is None or job.status is JobStatus.QUEUED:
        return 0.0
    return ((job.finished_ms or now_ms()) - job.started_ms) / 1000


def training_report(service: Service, version: ProjectVersion) -> TrainingReport | None:
    """Read the report of a training; None without a model."""
    if not version.status.has_model:
        return None
    try:
        with reading_model(service.settings, service.records, version) as folder:
            return Artefact.read(folder).report
    except (ArtefactError, UnreadableFolderError):  # deleted at this moment, or its key is
        return None
