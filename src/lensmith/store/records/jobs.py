"""The job table: queue, state and progress of jobs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from lensmith.domain.caller import Caller
from lensmith.domain.clock import now_ms
from lensmith.domain.job import Job, JobKind, JobStatus, Progress
from lensmith.domain.job_errors import JobCancelledError, SupersededError
from lensmith.store.records.tables import jobs


def enqueue(
    connection: Connection,
    kind: JobKind,
    resource_arn: str,
    caller: Caller,
    payload: Mapping[str, Any] | None = None,
    body: bytes | None = None,
) -> int:
    """Queue a job in the caller's transaction, so that it exists if and only if that commits."""
    result = connection.execute(
        insert(jobs)
        .values(
            kind=kind.value,
            resource_arn=resource_arn,
            caller_arn=caller.arn,
            access_key_id=caller.access_key_id,
            payload=dict(payload or {}),
            body=body,
            status=JobStatus.QUEUED.value,
            attempts=0,
            created_ms=now_ms(),
        )
        .returning(jobs.c.id)
    )
    return int(result.scalar_one())


def get(connection: Connection, job_id: int) -> Job:
    row = connection.execute(select(*_COLUMNS).where(jobs.c.id == job_id)).one()
    return _job(row._mapping)


def find(connection: Connection, job_id: int) -> Job | None:
    """Find the job of that id, if there is one."""
    row = connection.execute(select(*_COLUMNS).where(jobs.c.id == job_id)).one_or_none()
    return _job(row._mapping) if row is not None else None


def locked(connection: Connection, job_id: int) -> Job:
    """Return a job, locked against other write transactions until this one ends."""
    query = select(*_COLUMNS).where(jobs.c.id == job_id).with_for_update()
    return _job(connection.execute(query).one()._mapping)


def body(connection: Connection, job_id: int) -> bytes:
    value = connection.execute(select(jobs.c.body).where(jobs.c.id == job_id)).scalar_one()
    return bytes(value or b"")


def of_resource(
    connection: Connection, resource_arn: str, kind: JobKind | None = None
) -> Job | None:
    """Return the newest job about a resource, or the newest of one kind."""
    query = select(*_COLUMNS).where(jobs.c.resource_arn == resource_arn)
    if kind is not None:
        query = query.where(jobs.c.kind == kind.value)
    row = connection.execute(query.order_by(jobs.c.id.desc()).limit(1)).one_or_none()
    return _job(row._mapping) if row is not None else None


def newest_of_resource(
    connection: Connection, resource_arn: str, kind: JobKind, limit: int
) -> list[Job]:
    """Return the newest jobs of one kind about a resource, the newest first."""
    query = select(*_COLUMNS).where(jobs.c.resource_arn == resource_arn, jobs.c.kind == kind.value)
    rows = connection.execute(query.order_by(jobs.c.id.desc()).limit(limit))
    return [_job(row._mapping) for row in rows]


def with_status(connection: Connection, status: JobStatus, kinds: Collection[JobKind]) -> list[Job]:
    """Return jobs of these kinds in one state, oldest first."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(jobs.c.status == status.value, jobs.c.kind.in_([kind.value for kind in kinds]))
        .order_by(jobs.c.id)
    )
    return [_job(row._mapping) for row in rows]


def queued(connection: Connection, kinds: Collection[JobKind]) -> list[Job]:
    """Return queued jobs of these kinds, oldest first."""
    return with_status(connection, JobStatus.QUEUED, kinds)


def queue_position(connection: Connection, job: Job) -> int:
    """Return a queued job's position among its kind; 1 runs next."""
    query = select(func.count()).where(
        jobs.c.status == JobStatus.QUEUED.value, jobs.c.kind == job.kind.value, jobs.c.id < job.id
    )
    return 1 + int(connection.execute(query).scalar_one())


def hold(connection: Connection, job: Job, *, or_cancelled: bool = False) -> None:
    """Lock a job until this write transaction ends, if it is still what `job` says.

    What a process writes about its job it writes after this. `or_cancelled`: also if it was
    cancelled since, to clear up. Raises JobCancelledError or SupersededError.
    """
    now = locked(connection, job.id)
    if now.fence == job.fence:
        is_cancelled = now.status is JobStatus.CANCELLED
        if now.status is job.status or (is_cancelled and or_cancelled):
            return
        if is_cancelled:
            raise JobCancelledError(f"Job {job.id} was cancelled.")
    raise SupersededError(f"Job {job.id} is {now.status}, fence {now.fence} after {job.fence}.")


def set_pid(connection: Connection, job: Job, pid: int) -> None:
    """Note the process of a job; raises as `hold` does."""
    hold(connection, job)
    connection.execute(update(jobs).where(jobs.c.id == job.id).values(pid=pid))


def replace_payload(connection: Connection, job: Job, payload: Mapping[str, Any]) -> None:
    """Give a job other arguments before it runs; raises as `hold` does."""
    hold(connection, job)
    connection.execute(update(jobs).where(jobs.c.id == job.id).values(payload=dict(payload)))


def report(connection: Connection, job: Job, progress: Progress) -> None:
    """Note how far a job is; raises as `hold` does."""
    hold(connection, job)
    connection.execute(update(jobs).where(jobs.c.id == job.id).values(progress=asdict(progress)))


def finish(connection: Connection, job: Job, status: JobStatus, error: str | None = None) -> None:
    """End a job; its body is dropped. Raises as `hold` does."""
    hold(connection, job)
    connection.execute(
        update(jobs)
        .where(jobs.c.id == job.id)
        .values(
            status=status.value,
            error=error,
            pid=None,
            lease_expires_ms=None,
            finished_ms=now_ms(),
            body=None,
        )
    )


_COLUMNS = [column for column in jobs.c if column is not jobs.c.body]


def _job(row: Any) -> Job:
    progress = row["progress"]
    return Job(
        id=row["id"],
        kind=JobKind(row["kind"]),
        resource_arn=row["resource_arn"],
        caller_arn=row["caller_arn"],
        access_key_id=row["access_key_id"],
        payload=row["payload"],
        status=JobStatus(row["status"]),
        attempts=row["attempts"],
        fence=row["fence"],
        owner=row["owner"],
        pid=row["pid"],
        progress=_progress(progress),
        error=row["error"],
        created_ms=row["created_ms"],
        started_ms=row["started_ms"],
        finished_ms=row["finished_ms"],
    )


def _progress(stored: dict[str, Any] | None) -> Progress | None:
    """Read the progress; None also for the layout of an older server."""
    try:
        return msgspec.convert(stored, Progress | None)
    except msgspec.ValidationError:
        return None
