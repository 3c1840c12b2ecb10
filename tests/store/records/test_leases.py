"""Jobs that are taken, kept, left and taken over, on both engines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, update

from lensmith.domain.caller import Caller
from lensmith.domain.clock import now_ms
from lensmith.domain.job import Job, JobKind, JobStatus, Progress
from lensmith.domain.job_errors import JobCancelledError, SupersededError
from lensmith.store.records import jobs, leases
from lensmith.store.records.engine import Records
from lensmith.store.records.leases import Lease
from lensmith.store.records.tables import jobs as rows

ANA = Caller("111122223333", "arn:aws:iam::111122223333:user/ana", "AKIAEXAMPLE")
TRAIN = [JobKind.TRAIN]
ONE, TWO = Lease("one", 3600), Lease("two", 3600)
OVER = Lease("one", 0)  # expires at once


def queue(connection: Connection) -> int:
    return jobs.enqueue(connection, JobKind.TRAIN, "arn", ANA)


def claim(connection: Connection, lease: Lease = ONE) -> Job:
    job = leases.claim(connection, TRAIN, lease, 1)
    assert job is not None
    return job


def test_a_job_is_claimed_once(write: Connection) -> None:
    queue(write)
    job = claim(write)
    assert (job.status, job.attempts, job.fence) == (JobStatus.RUNNING, 1, 1)
    assert job.owner == "one"
    assert leases.claim(write, TRAIN, TWO, 2) is None


def test_servers_that_claim_at_once_get_different_jobs(records: Records) -> None:
    with records.write() as connection:
        ids = [queue(connection) for _ in range(2)]
    if not records.is_shared:
        pytest.skip("SQLite has one writer at a time")
    with records.write() as first, records.write() as second:
        assert [claim(first).id, claim(second, TWO).id] == ids


def test_a_job_whose_lease_runs_belongs_to_its_owner(write: Connection) -> None:
    queue(write)
    claim(write)
    assert not leases.has_abandoned(write, TRAIN, "two")
    assert leases.take_over(write, TRAIN, TWO) is None
    assert leases.work_by_kind(write, ((JobKind.TRAIN,), "two")) == {}


def test_an_expired_lease_is_taken_over_and_the_attempt_does_not_count(write: Connection) -> None:
    queue(write)
    before = claim(write, OVER)
    assert leases.has_abandoned(write, TRAIN, "two")
    assert leases.work_by_kind(write, ((JobKind.TRAIN,), "two")) == {JobKind.TRAIN: 0}
    taken = leases.take_over(write, TRAIN, TWO)
    assert taken is not None
    assert (taken.attempts, taken.fence, taken.owner) == (0, before.fence + 1, "two")
    assert leases.take_over(write, TRAIN, Lease("three", 3600)) is None
    leases.requeue(write, taken)
    assert claim(write, TWO).attempts == 1


def test_a_job_that_waits_is_not_claimed_before_its_time(write: Connection) -> None:
    queue(write)
    leases.requeue(write, claim(write), blame=False, delay_seconds=3600)
    assert leases.claim(write, TRAIN, ONE, 1) is None
    begins = leases.claimable_from(write, TRAIN)
    assert now_ms() < begins < leases.NEVER
    assert leases.work_by_kind(write, ((JobKind.TRAIN,), "two")) == {JobKind.TRAIN: begins}
    queue(write)
    assert leases.claimable_from(write, TRAIN) == 0
    leases.requeue(write, claim(write), blame=False, delay_seconds=0)
    assert claim(write).attempts == 1


def test_a_lease_that_is_renewed_does_not_expire(write: Connection) -> None:
    queue(write)
    claim(write, OVER)
    leases.renew(write, TWO)
    assert leases.has_abandoned(write, TRAIN, "two")
    leases.renew(write, ONE)
    assert not leases.has_abandoned(write, TRAIN, "two")


def test_a_job_that_is_written_about_is_neither_renewed_nor_taken_over(records: Records) -> None:
    if not records.is_shared:
        pytest.skip("SQLite has one writer at a time")
    with records.write() as connection:
        queue(connection)
        job = claim(connection, OVER)
    with records.write() as writing, records.write() as other:
        jobs.hold(writing, job)
        leases.renew(other, ONE)
        assert leases.take_over(other, TRAIN, TWO) is None


def test_an_own_job_that_no_process_has_counts_as_an_attempt(write: Connection) -> None:
    ids = [queue(write), queue(write)]
    running, lost = claim(write), claim(write)
    assert [running.id, lost.id] == ids
    taken = leases.take_over(write, TRAIN, ONE, excluding=[running.id])
    assert taken is not None
    assert (taken.id, taken.attempts) == (lost.id, 1)


def test_the_leases_of_an_owner_that_is_gone_end_at_once(write: Connection) -> None:
    queue(write)
    claim(write)
    leases.expire(write, "another")
    assert not leases.has_abandoned(write, TRAIN, "two")
    leases.expire(write, "one")
    taken = leases.take_over(write, TRAIN, TWO)
    assert taken is not None
    assert taken.attempts == 0


def test_a_job_of_a_server_without_leases_is_taken_over(write: Connection) -> None:
    queue(write)
    claim(write)
    write.execute(update(rows).values(owner=None, lease_expires_ms=None))
    assert leases.take_over(write, TRAIN, TWO) is not None


def test_who_lost_a_job_writes_nothing_about_it(records: Records) -> None:
    with records.write() as connection:
        queue(connection)
        stale = claim(connection, OVER)
        taken = leases.take_over(connection, TRAIN, TWO)
        assert taken is not None
        leases.requeue(connection, taken)
        now = claim(connection, OVER)  # by the same server again
    writes: tuple[Callable[[Connection], None], ...] = (
        lambda connection: jobs.report(connection, stale, Progress("lines", 1)),
        lambda connection: jobs.set_pid(connection, stale, 4711),
        lambda connection: jobs.finish(connection, stale, JobStatus.SUCCEEDED),
        lambda connection: leases.requeue(connection, stale),
    )
    for write in writes:
        with pytest.raises(SupersededError), records.write() as connection:
            write(connection)
    with pytest.raises(SupersededError), leases.holding(records, stale):
        pytest.fail("it is not held")
    with records.read() as connection:
        assert jobs.get(connection, now.id) == now


def test_a_cancelled_job_is_only_cleared_up_after(records: Records) -> None:
    with records.write() as connection:
        queue(connection)
        job = claim(connection)
        jobs.finish(connection, jobs.get(connection, job.id), JobStatus.CANCELLED)
    with pytest.raises(JobCancelledError), leases.holding(records, job):
        pytest.fail("it is not held")
    with leases.holding(records, job, or_cancelled=True):
        pass
