"""Carries out operations on stacks: `python -m lensmith.tasks.stacks`.

The records say at every moment what is done: a resource's row, with a journal, is written before
each change and after it. So a job that was killed goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from botocore.exceptions import BotoCoreError

from lensmith.datasets.stores import Stores
from lensmith.domain.job import Job, JobKind, JobStatus
from lensmith.domain.stack import Stack, StackStatus
from lensmith.store.records import jobs, stacks
from lensmith.tasks import process
from lensmith.tasks.stack_change import StackChange

_PAUSE_SECONDS = 2.0

_log = structlog.get_logger(__name__)

_STEPS: dict[StackStatus, Callable[[StackChange], None]] = {
    StackStatus.CREATE_IN_PROGRESS: StackChange.create,
    StackStatus.ROLLBACK_IN_PROGRESS: StackChange.roll_back_creation,
    StackStatus.UPDATE_IN_PROGRESS: StackChange.update,
    StackStatus.UPDATE_CLEANUP: StackChange.clean_up,
    StackStatus.UPDATE_ROLLBACK_IN_PROGRESS: StackChange.roll_back_update,
    StackStatus.DELETE_IN_PROGRESS: StackChange.delete,
}


def main() -> None:
    process.run(JobKind.CHANGE_STACK, change_stack)


def change_stack(stores: Stores, job: Job) -> None:
    """Take a stack from one phase to the next until its operation has ended."""
    while (stack := _find(stores, job)) is not None and stack.status in _STEPS:
        _log.info("stack phase", stack=stack.arn, status=stack.status.value)
        try:
            _STEPS[stack.status](StackChange(stores, job, stack))
        except BotoCoreError:  # the API or the store does not answer; the job is tried again
            time.sleep(_PAUSE_SECONDS)
            raise
    with stores.records.write() as connection:
        jobs.finish(connection, job, JobStatus.SUCCEEDED)


def _find(stores: Stores, job: Job) -> Stack | None:
    with stores.records.read() as connection:
        return stacks.find_by_arn(connection, job.resource_arn)


if __name__ == "__main__":
    main()
