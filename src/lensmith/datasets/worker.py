"""One job after another, in the order they were queued: the loop of the dataset process.

Each kind of job has one process only that runs it. So whenever that has nothing in hand, a job that
the records call running was left behind, by a process that died or by a deletion that failed.
"""

from __future__ import annotations

import os
import time

from lensmith.datasets.job import CARRIED_OUT, Work, carry_out, put_back
from lensmith.datasets.stores import Stores
from lensmith.domain.job import Job, JobStatus
from lensmith.store.records import jobs

_PAUSE_SECONDS = 0.1
_LEFT_BEHIND_SECONDS = 60.0  # between two looks for jobs that were left behind


def run(stores: Stores) -> None:
    """Carry out jobs until the process is told to exit."""
    next_look = 0.0
    while True:
        if time.monotonic() >= next_look:
            put_back_left_behind(stores)
            next_look = time.monotonic() + _LEFT_BEHIND_SECONDS
        if not carry_out_next(stores):
            time.sleep(_PAUSE_SECONDS)


def put_back_left_behind(stores: Stores, work: Work = CARRIED_OUT) -> None:
    with stores.records.read() as connection:
        left = jobs.with_status(connection, JobStatus.RUNNING, work)
    for job in left:
        put_back(stores, job)


def carry_out_next(stores: Stores, work: Work = CARRIED_OUT) -> bool:
    """Do the oldest queued job; False when there is none."""
    job = _claim(stores, work)
    if job is None:
        return False
    try:
        carry_out(stores, job, work)
    except SystemExit:  # the server stops: not the job's fault
        with stores.records.write() as connection:
            jobs.requeue(connection, job.id, blame=False)
        raise
    return True


def _claim(stores: Stores, work: Work) -> Job | None:
    if not stores.records.recall(jobs.queued, tuple(work)):  # most looks find nothing
        return None
    with stores.records.write() as connection:
        return jobs.claim(connection, work, os.getpid())
