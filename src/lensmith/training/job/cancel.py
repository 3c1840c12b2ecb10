"""Cancels a training, from any process."""

from __future__ import annotations

from lensmith.config import Settings
from lensmith.domain.job import Job, JobStatus
from lensmith.store.records.engine import Records
from lensmith.training.job import outcome, workspace


def cancel_training(settings: Settings, records: Records, job: Job) -> None:
    """End a queued or running training as cancelled.

    The launcher sees it within a second, ends the process and removes its files. Raises
    SupersededError or JobCancelledError, changing nothing, when the training has ended or moved on
    since `job` was read.
    """
    outcome.cancel(records, job)
    if job.status is JobStatus.QUEUED:  # no process will ever clear up
        workspace.discard_files(settings, records, job)
