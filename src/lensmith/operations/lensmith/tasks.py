"""Tasks of the console: jobs, shown and cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec
from sqlalchemy import Connection

from lensmith.domain.caller import Caller
from lensmith.domain.dataset import DatasetStatus
from lensmith.domain.errors import ResourceNotFoundException
from lensmith.domain.job import Job, JobKind, JobStatus
from lensmith.domain.project import ProjectStatus
from lensmith.operations.call import Permission, Service
from lensmith.operations.permissions import to_act_on
from lensmith.store.records import datasets, job_results, jobs, projects

_ACTIONS = {
    JobKind.RENAME_LABEL: "UpdateDatasetEntries",
    JobKind.REMOVE_LABEL: "UpdateDatasetEntries",
    JobKind.IMPORT_DATASET: "CreateDataset",
    JobKind.SUGGEST_LABELS: "ListDatasetEntries",
    JobKind.PREDICT_REVIEW: "DetectCustomLabels",
    JobKind.WRITE_REVIEW: "DetectCustomLabels",
    JobKind.ANALYZE_FOLDER: "DetectCustomLabels",
    JobKind.CREATE_EXAMPLE: "CreateDataset",
}
"""What the console calls tasks, and the action that beginning one asked for."""

_RELABELLING = frozenset({JobKind.RENAME_LABEL, JobKind.REMOVE_LABEL})
_LIVE = frozenset({JobStatus.QUEUED, JobStatus.RUNNING})


class TaskState(StrEnum):
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


_STATES = {
    JobStatus.QUEUED: TaskState.RUNNING,
    JobStatus.RUNNING: TaskState.RUNNING,
    JobStatus.SUCCEEDED: TaskState.COMPLETED,
    JobStatus.FAILED: TaskState.FAILED,
    JobStatus.CANCELLED: TaskState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class TaskError:
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Task:
    id: str
    kind: str
    state: TaskState
    phase: str  # a code; "queued" before it begins
    done: int
    total: int | None
    error: TaskError | None
    result: msgspec.Raw | None


def find_task(service: Service, caller: Caller, task_id: str) -> Job:
    """Find a job of the caller's account; raises ResourceNotFoundException."""
    is_number = task_id.isascii() and task_id.isdigit() and len(task_id) < 18
    with service.records.read() as connection:
        job = jobs.find(connection, int(task_id)) if is_number else None
    if job is None or job.kind not in _ACTIONS or _account(job) != caller.account_id:
        raise ResourceNotFoundException(f"the task {task_id}")
    return job


def to_follow(service: Service, job: Job) -> Permission:
    """Need the action that starting the task needed."""
    return to_act_on(service, _ACTIONS[job.kind], job.resource_arn)


def show_task(service: Service, job: Job) -> Task:
    with service.records.read() as connection:
        now = jobs.get(connection, job.id)
        result = job_results.get(connection, job.id)
    progress = now.progress
    return Task(
        str(now.id),
        now.kind.value,
        _STATES[now.status],
        progress.phase if progress else "queued",
        progress.step if progress else 0,
        progress.steps or None if progress else None,
        error_of(now, result),
        None if result is None or now.status is JobStatus.FAILED else msgspec.Raw(result),
    )


def cancel_task(service: Service, caller: Caller, job: Job) -> Task:
    """Cancel the task unless it has ended; its work so far is dropped."""
    with service.records.write() as connection:
        now = jobs.locked(connection, job.id)
        if now.status in _LIVE:
            jobs.finish(connection, now, JobStatus.CANCELLED)
            dataset = datasets.find(connection, now.resource_arn)
            if now.kind in _RELABELLING and dataset is not None:
                datasets.set_status(
                    connection, dataset.id, DatasetStatus.UPDATE_COMPLETE, "Nothing was changed."
                )
            if now.kind is JobKind.CREATE_EXAMPLE and now.status is JobStatus.QUEUED:
                _delete_empty_project(connection, now, caller)
    service.wake_jobs()
    return show_task(service, job)


def _delete_empty_project(connection: Connection, job: Job, caller: Caller) -> None:
    """Delete what beginning the task made; once it runs, the task itself does."""
    project = projects.find(connection, job.resource_arn)
    if project is not None and project.status is not ProjectStatus.DELETING:
        projects.set_status(connection, project.id, ProjectStatus.DELETING)
        jobs.enqueue(connection, JobKind.DELETE_PROJECT, project.arn, caller)


class _Failure(msgspec.Struct):
    code: str = "InternalServerError"


def error_of(job: Job, result: bytes | None) -> TaskError | None:
    """Return why a job failed."""
    if job.status is not JobStatus.FAILED:
        return None
    failure = msgspec.json.decode(result, type=_Failure) if result else _Failure()
    return TaskError(failure.code, job.error or "")


def _account(job: Job) -> str:
    return job.caller_arn.split(":")[4]
