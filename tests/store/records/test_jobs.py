"""Jobs that several processes want to change at once."""

from __future__ import annotations

import threading

from sqlalchemy import event

from lensmith.domain.caller import Caller
from lensmith.domain.job import JobKind, JobStatus
from lensmith.store.records import jobs
from lensmith.store.records.engine import Records

ANA = Caller("111122223333", "arn:aws:iam::111122223333:user/ana", "AKIAEXAMPLE")


def test_who_ends_a_job_second_sees_that_it_has_ended(records: Records) -> None:
    with records.write() as connection:
        job_id = jobs.enqueue(connection, JobKind.TRAIN, "arn", ANA)
    seen: list[JobStatus] = []
    at_the_lock = threading.Event()

    def end_too() -> None:
        with records.write() as second:
            seen.append(jobs.locked(second, job_id).status)

    def note_lock(_: object, __: object, statement: str, *___: object) -> None:
        if threading.current_thread() is other and _takes_lock(statement):
            at_the_lock.set()

    event.listen(records.engine, "before_cursor_execute", note_lock)
    other = threading.Thread(target=end_too)
    with records.write() as first:
        assert jobs.locked(first, job_id).status is JobStatus.QUEUED
        other.start()
        assert at_the_lock.wait(60)
        jobs.finish(first, jobs.get(first, job_id), JobStatus.CANCELLED)
    other.join()

    assert seen == [JobStatus.CANCELLED]


def _takes_lock(statement: str) -> bool:
    return statement == "BEGIN IMMEDIATE" or statement.endswith("FOR UPDATE")
