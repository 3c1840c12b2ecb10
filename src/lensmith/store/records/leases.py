"""Who works on a job: an owner, as long as it renews its lease, under a fence.

A lease begins and ends by the database's clock. Whenever a process takes a job, the job's fence is
raised; `jobs.hold` compares it in every later write, so that a process which lost its job changes
nothing, however late it wakes up.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, update

from lensmith.domain.clock import now_ms
from lensmith.domain.job import Job, JobKind, JobStatus
from lensmith.store.records import jobs as job_records
from lensmith.store.records.database_clock import database_ms
from lensmith.store.records.engine import Records
from lensmith.store.records.silent_sessions import end_silent
from lensmith.store.records.tables import jobs

NEVER = 1 << 62
"""Later than any time, epoch milliseconds."""

OWNER_VARIABLE = "LENSMITH_OWNER"
"""Tells the processes of a server, through their environment, in whose name they take jobs."""


@dataclass(frozen=True, slots=True)
class Lease:
    """In whose name jobs are taken, and for how long at a time."""

    owner: str
    seconds: float


def new_owner() -> str:
    """Make the name of a server that starts; an operator sees the machine in it."""
    return f"{socket.gethostname()[:32]}/{os.getpid()}/{secrets.token_hex(4)}"


_OWN = os.environ.get(OWNER_VARIABLE) or new_owner()


def process_owner() -> str:
    """Return the name in which this process takes jobs: its server's, where one started it."""
    return _OWN


@contextmanager
def holding(records: Records, job: Job, *, or_cancelled: bool = False) -> Iterator[Connection]:
    """Open a write transaction about a job; raises as `jobs.hold` does, before anything changes."""
    with records.write() as connection:
        job_records.hold(connection, job, or_cancelled=or_cancelled)
        yield connection


def claim(
    connection: Connection,
    kinds: Collection[JobKind],
    lease: Lease,
    pid: int,
    excluding: Collection[int] = (),
) -> Job | None:
    """Take the oldest queued job of these kinds (needs a write transaction)."""
    is_due = func.coalesce(jobs.c.not_before_ms, 0) <= database_ms()
    job_id = _first(connection, and_(_is_queued(), is_due), kinds, excluding)
    if job_id is None:
        return None
    values = {
        "status": JobStatus.RUNNING.value,
        "attempts": jobs.c.attempts + 1,
        "pid": pid,
        "started_ms": now_ms(),
    }
    return _take(connection, job_id, lease, values)


def claimable_from(connection: Connection, kinds: Collection[JobKind]) -> int:
    """Return when a job can be claimed, epoch milliseconds; NEVER while none is queued."""
    earliest = func.min(func.coalesce(jobs.c.not_before_ms, 0))
    found = connection.execute(select(earliest).where(_is_queued(), _is_one_of(kinds, ()))).scalar()
    return NEVER if found is None else int(found)


def work_by_kind(
    connection: Connection, asked: tuple[tuple[JobKind, ...], str]
) -> dict[JobKind, int]:
    """Return when a job of each kind can be claimed; 0 where one is abandoned, as `take_over` sees.

    `asked` are the kinds and the owner; those without a job are left out.
    """
    kinds, owner = asked
    earliest = func.min(func.coalesce(jobs.c.not_before_ms, 0))
    queued = select(jobs.c.kind, earliest).where(_is_queued(), _is_one_of(kinds, ()))
    abandoned = select(jobs.c.kind).where(_is_abandoned(owner), _is_one_of(kinds, ()))
    found = {kind: int(begins) for kind, begins in connection.execute(queued.group_by("kind"))}
    found |= dict.fromkeys(connection.execute(abandoned).scalars(), 0)
    return {JobKind(kind): begins for kind, begins in found.items()}


def has_abandoned(
    connection: Connection, kinds: Collection[JobKind], owner: str, excluding: Collection[int] = ()
) -> bool:
    """Return whether `take_over` would find a job."""
    query = select(jobs.c.id).where(_is_abandoned(owner), _is_one_of(kinds, excluding))
    return connection.execute(query.limit(1)).first() is not None


def take_over(
    connection: Connection,
    kinds: Collection[JobKind],
    lease: Lease,
    excluding: Collection[int] = (),
) -> Job | None:
    """Take a running job that no process works on any more (needs a write transaction).

    Its lease has expired, or its owner is that of `lease`, which knows that none of its own
    processes has it: those that one has are in `excluding`. The attempt of an owner that ended
    does not count: the server ended, not the job.

    Where a process that was paused for the time of a lease has all of them locked, its session is
    ended, and a later call finds the job.
    """
    abandoned = _is_abandoned(lease.owner)
    job_id = _first(connection, abandoned, kinds, excluding)
    if job_id is None:
        query = select(jobs.c.id).where(abandoned, _is_one_of(kinds, excluding))
        end_silent(connection, list(connection.execute(query).scalars()), lease.seconds)
        return None
    is_own = jobs.c.owner == lease.owner
    uncounted = case((jobs.c.attempts > 0, jobs.c.attempts - 1), else_=0)
    counted = case((is_own, jobs.c.attempts), else_=uncounted)
    return _take(connection, job_id, lease, {"attempts": counted, "pid": None})


def requeue(
    connection: Connection, job: Job, *, blame: bool = True, delay_seconds: float | None = None
) -> None:
    """Put a running job back in the queue; without blame this attempt does not count.

    It is not claimed before `delay_seconds` are over. Raises as `jobs.hold` does.
    """
    not_before = None
    if delay_seconds is not None:
        not_before = database_ms() + round(delay_seconds * 1000)
    job_records.hold(connection, job)
    connection.execute(
        update(jobs)
        .where(jobs.c.id == job.id)
        .values(
            status=JobStatus.QUEUED.value,
            owner=None,
            lease_expires_ms=None,
            pid=None,
            progress=None,
            not_before_ms=not_before,
            attempts=jobs.c.attempts - (0 if blame else 1),
        )
    )


def has_own(connection: Connection, owner: str) -> bool:
    query = select(jobs.c.id).where(_is_running(), jobs.c.owner == owner)
    return connection.execute(query.limit(1)).first() is not None


def renew(connection: Connection, lease: Lease) -> None:
    """Begin the leases of an owner anew (needs a write transaction).

    A job that another transaction has locked is left out: it is being written about, and cannot be
    taken over meanwhile.
    """
    own = select(jobs.c.id).where(_is_running(), jobs.c.owner == lease.owner)
    chosen = own.with_for_update(skip_locked=True)
    connection.execute(
        update(jobs).where(jobs.c.id.in_(chosen)).values(lease_expires_ms=_end(lease))
    )


def expire(connection: Connection, owner: str | None) -> None:
    """End the leases of an owner that is known to be gone; None: those of every owner."""
    query = update(jobs).where(_is_running())
    if owner is not None:
        query = query.where(jobs.c.owner == owner)
    connection.execute(query.values(lease_expires_ms=0, owner=None))


def _end(lease: Lease) -> ColumnElement[int]:
    return database_ms() + round(lease.seconds * 1000)


def _is_queued() -> ColumnElement[bool]:
    return jobs.c.status == JobStatus.QUEUED.value


def _is_running() -> ColumnElement[bool]:
    return jobs.c.status == JobStatus.RUNNING.value


def _is_abandoned(owner: str) -> ColumnElement[bool]:
    end = jobs.c.lease_expires_ms  # null: of a server without leases
    return and_(_is_running(), or_(jobs.c.owner == owner, end.is_(None), end <= database_ms()))


def _is_one_of(kinds: Collection[JobKind], excluding: Collection[int]) -> ColumnElement[bool]:
    return and_(jobs.c.kind.in_([kind.value for kind in kinds]), jobs.c.id.not_in(list(excluding)))


def _first(
    connection: Connection,
    condition: ColumnElement[bool],
    kinds: Collection[JobKind],
    excluding: Collection[int],
) -> int | None:
    """Lock the oldest such job that no other transaction has locked."""
    query = select(jobs.c.id).where(condition, _is_one_of(kinds, excluding)).order_by(jobs.c.id)
    found = connection.execute(query.limit(1).with_for_update(skip_locked=True)).scalar()
    return None if found is None else int(found)


def _take(connection: Connection, job_id: int, lease: Lease, values: dict[str, Any]) -> Job:
    connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id)
        .values(fence=jobs.c.fence + 1, owner=lease.owner, lease_expires_ms=_end(lease), **values)
    )
    return job_records.get(connection, job_id)
