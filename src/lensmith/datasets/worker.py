"""Loop of the dataset process: runs jobs one by one, in the order they were queued.

Each kind of job is run by one process of a server only. So whenever that process is idle, a job
that is RUNNING in the records in the server's name is abandoned: its process died, or it is a
deletion that failed. A job in another server's name is abandoned once its lease has expired.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress

from lensmith.datasets.job import HANDLERS, Handlers, carry_out, requeue_or_fail
from lensmith.datasets.stores import Stores
from lensmith.domain.clock import now_ms
from lensmith.domain.job import Job
from lensmith.domain.job_errors import JobCancelledError, SupersededError
from lensmith.store.records import leases

_PAUSE_SECONDS = 0.1
_SHARED_PAUSE_SECONDS = 0.5  # of PostgreSQL: each look is a query, where SQLite's is a counter


def run(stores: Stores) -> None:
    """Run jobs until the process is terminated."""
    next_check = 0.0
    pause = _SHARED_PAUSE_SECONDS if stores.records.is_shared else _PAUSE_SECONDS
    while True:
        if time.monotonic() >= next_check:
            recover_abandoned(stores)
            next_check = time.monotonic() + stores.lease.seconds / 3
        if not carry_out_next(stores):
            time.sleep(pause)


def recover_abandoned(
    stores: Stores,
    handlers: Handlers = HANDLERS,
    clean: Callable[[Stores, Job], None] | None = None,
) -> None:
    """Queue abandoned jobs again, or fail them; `clean` first removes what one of them left."""
    while (job := _take_over(stores, handlers)) is not None:
        with suppress(JobCancelledError, SupersededError):
            if clean is not None:
                clean(stores, job)
            requeue_or_fail(stores, job)


def carry_out_next(stores: Stores, handlers: Handlers = HANDLERS) -> bool:
    """Run the oldest queued job; False if the queue is empty."""
    job = _claim(stores, handlers)
    if job is None:
        return False
    try:
        carry_out(stores, job, handlers)
    except SystemExit:  # the server stops: not the job's fault
        with (
            suppress(JobCancelledError, SupersededError),
            stores.records.write() as connection,
        ):
            leases.requeue(connection, job, blame=False)
        raise
    return True


def _claim(stores: Stores, handlers: Handlers) -> Job | None:
    # Most polls find nothing.
    if stores.records.read_cached(leases.claimable_from, tuple(handlers)) > now_ms():
        return None
    with stores.records.write() as connection:
        return leases.claim(connection, handlers, stores.lease, os.getpid())


def _take_over(stores: Stores, handlers: Handlers) -> Job | None:
    with stores.records.read() as connection:
        if not leases.has_abandoned(connection, handlers, stores.owner):
            return None
    with stores.records.write() as connection:
        return leases.take_over(connection, handlers, stores.lease)
