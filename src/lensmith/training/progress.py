"""How far a training is, written into its job, at most twice a second."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace

from sqlalchemy.exc import OperationalError

from lensmith.domain.job import Job, Progress
from lensmith.store.records import jobs
from lensmith.store.records.engine import Records

_INTERVAL = 0.5  # seconds


class ProgressWriter:
    """Call it as often as there is something to say."""

    def __init__(self, records: Records, job: Job) -> None:
        self._records = records
        self._job = job
        self._phase = ""
        self._phase_began = 0.0
        self._written = 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.phase != self._phase:
            self._phase, self._phase_began = progress.phase, now
        elif now - self._written < _INTERVAL:
            return
        self._written = now
        self._write(self._with_eta(progress, now - self._phase_began))

    def _with_eta(self, progress: Progress, elapsed: float) -> Progress:
        if progress.eta_seconds is not None or not progress.step or not progress.steps:
            return progress
        left = (progress.steps - progress.step) * elapsed / progress.step
        return replace(progress, eta_seconds=left)

    def _write(self, progress: Progress) -> None:
        # Records that are busy or away for a moment are no reason to lose hours of training.
        with suppress(OperationalError), self._records.write() as connection:
            jobs.report(connection, self._job.id, progress)
