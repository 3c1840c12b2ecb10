"""Runs one claimed job and records how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog

from lensmith.datasets.completion import DatasetGoneError, fail
from lensmith.datasets.create import create_dataset
from lensmith.datasets.delete import delete_dataset, delete_project, delete_version
from lensmith.datasets.relabel import relabel
from lensmith.datasets.stores import Stores
from lensmith.datasets.update import update_dataset
from lensmith.domain.clock import now_ms
from lensmith.domain.dataset import StatusMessageCode
from lensmith.domain.errors import ObjectStoreError
from lensmith.domain.job import Job, JobKind
from lensmith.domain.job_errors import JobCancelledError, SupersededError
from lensmith.domain.project_version import SERVICE_FAULT
from lensmith.manifest.line.finding import ManifestFileError
from lensmith.store.outage import PATIENCE_SECONDS, is_outage
from lensmith.store.records import leases

MAX_ATTEMPTS = 3
_PAUSE_SECONDS = 5.0  # before a job begins again that found the object store away

Handlers = Mapping[JobKind, Callable[[Stores, Job], None]]
"""Function of each kind of job: records the success itself, and can be repeated."""

HANDLERS: dict[JobKind, Callable[[Stores, Job], None]] = {
    JobKind.CREATE_DATASET: create_dataset,
    JobKind.UPDATE_DATASET: update_dataset,
    JobKind.DELETE_DATASET: delete_dataset,
    JobKind.DELETE_PROJECT: delete_project,
    JobKind.DELETE_VERSION: delete_version,
    JobKind.RENAME_LABEL: relabel,
    JobKind.REMOVE_LABEL: relabel,
}
"""Handlers of the dataset process."""

# Without a failed state: they are tried again until they end.
_ENDLESS = {
    JobKind.DELETE_DATASET,
    JobKind.DELETE_PROJECT,
    JobKind.DELETE_VERSION,
    JobKind.CHANGE_STACK,
}

_log = structlog.get_logger(__name__)


def carry_out(stores: Stores, job: Job, handlers: Handlers = HANDLERS) -> None:
    """Run a claimed job and record how it ended.

    It stays RUNNING in the records if the process dies or a deletion or a change of a stack
    fails: they have no failed state, so they are retried later. If the object store is away, the
    job waits; if it fails otherwise, the job is queued again, up to MAX_ATTEMPTS.
    """
    log = _log.bind(job=job.id, kind=job.kind.value, resource=job.resource_arn)
    try:
        _carry_out(stores, job, handlers)
    except JobCancelledError:
        log.info("job cancelled")
    except SupersededError as loss:  # all that is left of it belongs to the process that has it now
        log.warning("job was taken away", reason=str(loss))


def _carry_out(stores: Stores, job: Job, handlers: Handlers) -> None:
    log = _log.bind(job=job.id, kind=job.kind.value, resource=job.resource_arn)
    try:
        handlers[job.kind](stores, job)
    except (ManifestFileError, DatasetGoneError) as refusal:
        log.info("job refused", reason=str(refusal))
        fail(stores.records, job, StatusMessageCode.CLIENT_ERROR, str(refusal))
    except (JobCancelledError, SupersededError):
        raise
    except ObjectStoreError as outage:
        log.warning("job interrupted", attempt=job.attempts, reason=str(outage))
        if is_outage(outage) and now_ms() < job.created_ms + PATIENCE_SECONDS * 1000:
            with stores.records.write() as connection:
                leases.requeue(connection, job, blame=False, delay_seconds=_PAUSE_SECONDS)
        else:
            requeue_or_fail(stores, job)
    except Exception:
        log.exception("job failed", attempt=job.attempts)
        if job.kind not in _ENDLESS:
            fail(stores.records, job, StatusMessageCode.SERVICE_ERROR, SERVICE_FAULT)
    else:
        log.info("job done")


def requeue_or_fail(stores: Stores, job: Job) -> None:
    """Queue an interrupted job again, or fail it after MAX_ATTEMPTS.

    Raises JobCancelledError or SupersededError.
    """
    if job.attempts >= MAX_ATTEMPTS and job.kind not in _ENDLESS:
        _log.error("job given up", job=job.id, resource=job.resource_arn, attempts=job.attempts)
        fail(stores.records, job, StatusMessageCode.SERVICE_ERROR, SERVICE_FAULT)
        return
    with stores.records.write() as connection:
        leases.requeue(connection, job)
