"""Jobs that several processes want to change at once."""

from __future__ import annotations

import threading
import time

from lensmith.domain.caller import Caller
from lensmith.domain.job import JobKind, JobStatus
from lensmith.store.records import jobs
from lensmith.store.records.engine import Records

ANA = Caller("111122223333", "arn:aws:iam::111122223333:user/ana", "AKIAEXAMPLE")


def test_who_ends_a_job_second_sees_that_it_has_ended(records: Records) -> None:
    with records.write() as connection:
        job_id = jobs.enqueue(connection, JobKind.TRAIN, "arn", ANA)
    seen: list[JobStatus] = []
    begun = threading.Event()

    def end_too() -> None:
        begun.set()
        with records.write() as second:
            seen.append(jobs.locked(second, job_id).status)

    other = threading.Thread(target=end_too)
    with records.write() as first:
        assert jobs.locked(first, job_id).status is JobStatus.QUEUED
        other.start()
        begun.wait()
        time.sleep(0.2)  # for the other to look, if it could
        jobs.finish(first, job_id, JobStatus.CANCELLED)
    other.join()

    assert seen == [JobStatus.CANCELLED]
