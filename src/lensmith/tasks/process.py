"""Runs the queued jobs of one kind, then exits soon; what every task process does."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import structlog

from lensmith.datasets import worker
from lensmith.datasets.queued_jobs import begin_process, is_asked_again
from lensmith.datasets.stores import Stores
from lensmith.domain.errors import LensmithError
from lensmith.domain.job import Job, JobKind, JobStatus
from lensmith.store.records import job_results, jobs
from lensmith.store.records.engine import Records
from lensmith.store.records.leases import holding

Handler = Callable[[Stores, Job], None]

_NICENESS = 10  # answering requests comes first

log = structlog.get_logger(__name__)


class TaskError(LensmithError):
    """The task cannot be done; the message says why, `code` too."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def run(
    kind: JobKind,
    handler: Handler,
    clean: Handler | None = None,
    settle: Callable[[Stores], None] | None = None,
) -> None:
    """Carry out the queued jobs of a kind, giving way to all other processes.

    `clean` removes what a job left that was killed; `settle` is called before the first job and
    after the last one.
    """
    stores = begin_process(_NICENESS)
    run_queued(stores, kind, handler, clean, settle)
    while is_asked_again(stores, [kind]):
        run_queued(stores, kind, handler, clean, settle)


def run_queued(
    stores: Stores,
    kind: JobKind,
    handler: Handler,
    clean: Handler | None = None,
    settle: Callable[[Stores], None] | None = None,
) -> None:
    """Carry out the queued jobs of a kind in this process, those of a killed one among them."""
    handlers = {kind: fail_job_on_task_error(handler)}
    worker.recover_abandoned(stores, handlers, clean)
    if settle is not None:
        settle(stores)
    while worker.carry_out_next(stores, handlers):
        pass
    if settle is not None:
        settle(stores)


def fail_job_on_task_error(handler: Handler) -> Handler:
    """Wrap a handler so that its TaskError ends the job with its code and message."""

    def carry_out(stores: Stores, job: Job) -> None:
        try:
            handler(stores, job)
        except TaskError as error:
            log.info("task failed", job=job.id, code=error.code, reason=str(error))
            _fail(stores.records, job, error)

    return carry_out


def _fail(records: Records, job: Job, error: TaskError) -> None:
    with holding(records, job) as connection:
        job_results.put(connection, job.id, msgspec.json.encode({"code": error.code}))
        jobs.finish(connection, job, JobStatus.FAILED, str(error))
