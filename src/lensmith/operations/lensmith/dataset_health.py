"""Health checks of a project's datasets, served under /_lensmith/."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from lensmith.domain.caller import Caller
from lensmith.domain.dataset import Dataset
from lensmith.domain.errors import (
    InvalidParameterException,
    ResourceNotFoundException,
    ResourceNotReadyException,
)
from lensmith.domain.job import Job, JobKind, JobStatus, Progress
from lensmith.domain.project import Project, ProjectStatus
from lensmith.operations.call import Permission, Service
from lensmith.operations.permissions import to_act_on
from lensmith.store.records import datasets, health_reports, jobs, projects

_UNDER_WAY = frozenset({JobStatus.QUEUED, JobStatus.RUNNING})


@dataclass(frozen=True, slots=True)
class HealthState:
    """The newest check of a project and its newest report, whichever caller asked for them."""

    project_arn: str
    status: JobStatus | None  # None: never checked
    progress: Progress | None
    error: str | None
    is_current: bool  # the report is about the datasets as they are now
    report: msgspec.Raw | None  # lensmith.health.report.HealthReport


@dataclass(frozen=True, slots=True)
class Subject:
    """A project of the caller's account, by name, and its datasets."""

    project: Project
    datasets: tuple[Dataset, ...]


def find_subject(service: Service, caller: Caller, project_name: str) -> Subject:
    """Find a project by name; raises ResourceNotFoundException."""
    with service.records.read() as connection:
        project = projects.find_by_name(
            connection, caller.account_id, service.settings.region, project_name
        )
        if project is None or project.status is ProjectStatus.DELETING:
            raise ResourceNotFoundException(project_name)
        return Subject(project, tuple(datasets.of_project(connection, project.id)))


def permissions(service: Service, subject: Subject) -> list[Permission]:
    """Need the right to list the entries of all datasets, because a report names entries.

    Those of a dataset that was checked and is gone count too.
    """
    with service.records.read() as connection:
        newest = _newest(connection, subject.project)
        checked = newest.payload["dataset_arns"] if newest is not None else []
        arns = dict.fromkeys([*(dataset.arn for dataset in subject.datasets), *checked])
    if not arns:
        return [to_act_on(service, "DescribeProjectVersions", subject.project.arn)]
    return [to_act_on(service, "ListDatasetEntries", arn) for arn in arns]


def start_check(service: Service, caller: Caller, subject: Subject) -> HealthState:
    """Queue a check, unless one is under way.

    Raises InvalidParameterException for a project without datasets and
    ResourceNotReadyException while a dataset is changing.
    """
    _refuse_unsettled(subject)
    with service.records.write() as connection:
        projects.lock(connection, subject.project.id)
        newest = _newest(connection, subject.project)
        if newest is None or newest.status not in _UNDER_WAY:
            arns = [dataset.arn for dataset in subject.datasets]
            payload = {"dataset_arns": arns}
            jobs.enqueue(connection, JobKind.CHECK_HEALTH, subject.project.arn, caller, payload)
    return health_state(service, subject)


def health_state(service: Service, subject: Subject) -> HealthState:
    """Return the progress of the newest check and the report of the last that succeeded."""
    with service.records.read() as connection:
        newest = _newest(connection, subject.project)
        report = health_reports.get(connection, subject.project.id)
    return HealthState(
        subject.project.arn,
        newest.status if newest else None,
        newest.progress if newest and newest.status is JobStatus.RUNNING else None,
        newest.error if newest else None,
        report is not None and _is_current(report, subject),
        msgspec.Raw(report) if report is not None else None,
    )


class _CheckedDataset(msgspec.Struct):
    arn: str
    updated_ms: int


class _Checked(msgspec.Struct):
    datasets: list[_CheckedDataset]


def _is_current(report: bytes, subject: Subject) -> bool:
    checked = msgspec.json.decode(report, type=_Checked)
    then = {(dataset.arn, dataset.updated_ms) for dataset in checked.datasets}
    return then == {(dataset.arn, dataset.updated_ms) for dataset in subject.datasets}


def _newest(connection: Connection, project: Project) -> Job | None:
    return jobs.of_resource(connection, project.arn, JobKind.CHECK_HEALTH)


def _refuse_unsettled(subject: Subject) -> None:
    if not subject.datasets:
        raise InvalidParameterException(
            f"The project {subject.project.name} has no dataset to check."
        )
    for dataset in subject.datasets:
        if not dataset.status.has_content:
            raise ResourceNotReadyException(
                f"The {dataset.type.value} dataset is in state {dataset.status.value}."
            )
