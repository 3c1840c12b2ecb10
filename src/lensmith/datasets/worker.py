"""The loop of the dataset process: one job after another, in the order they were queued.

It is the only process that runs these kinds. So whenever it has nothing in hand, a job that the
records call running was left behind, by a process that died or by a deletion that failed.
"""

from __future__ import annotations

import os
import time

from lensmith.datasets.job import CARRIED_OUT, carry_out, put_back
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


def put_back_left_behind(stores: Stores) -> None:
    with stores.records.read() as connection:
        left = jobs.with_status(connection, JobStatus.RUNNING, CARRIED_OUT)
    for job in left:
        put_back(stores, job)


def carry_out_next(stores: Stores) -> bool:
    """Do the oldest queued job; False when there is none."""
    job = _claim(stores)
    if job is None:
        return False
    try:
        carry_out(stores, job)
    except SystemExit:  # the server stops: not the job's fault
        with stores.records.write() as connection:
            jobs.requeue(connection, job.id, blame=False)
        raise
    return True


def _claim(stores: Stores) -> Job | None:
    with stores.records.read() as connection:  # most looks find nothing and write nothing
        if not jobs.with_status(connection, JobStatus.QUEUED, CARRIED_OUT):
            return None
    with stores.records.write() as connection:
        return jobs.claim(connection, CARRIED_OUT, os.getpid())
