"""Loop of the dataset process: runs jobs one by one, in the order they were queued.

Each kind of job is run by one process only. So whenever that process is idle, a job that is RUNNING
in the records is orphaned: its process died, or it is a deletion that failed.
"""

from __future__ import annotations

import os
import time

from lensmith.datasets.job import HANDLERS, Handlers, carry_out, requeue_or_fail
from lensmith.datasets.stores import Stores
from lensmith.domain.job import Job, JobStatus
from lensmith.store.records import jobs

_PAUSE_SECONDS = 0.1
_ORPHAN_CHECK_SECONDS = 60.0  # between two searches for orphaned jobs


def run(stores: Stores) -> None:
    """Run jobs until the process is terminated."""
    next_check = 0.0
    while True:
        if time.monotonic() >= next_check:
            requeue_orphaned(stores)
            next_check = time.monotonic() + _ORPHAN_CHECK_SECONDS
        if not carry_out_next(stores):
            time.sleep(_PAUSE_SECONDS)


def requeue_orphaned(stores: Stores, handlers: Handlers = HANDLERS) -> None:
    with stores.records.read() as connection:
        left = jobs.with_status(connection, JobStatus.RUNNING, handlers)
    for job in left:
        requeue_or_fail(stores, job)


def carry_out_next(stores: Stores, handlers: Handlers = HANDLERS) -> bool:
    """Run the oldest queued job; False if the queue is empty."""
    job = _claim(stores, handlers)
    if job is None:
        return False
    try:
        carry_out(stores, job, handlers)
    except SystemExit:  # the server stops: not the job's fault
        with stores.records.write() as connection:
            jobs.requeue(connection, job.id, blame=False)
        raise
    return True


def _claim(stores: Stores, handlers: Handlers) -> Job | None:
    if not stores.records.read_cached(jobs.queued, tuple(handlers)):  # most polls find nothing
        return None
    with stores.records.write() as connection:
        return jobs.claim(connection, handlers, os.getpid())
