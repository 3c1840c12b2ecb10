"""Writes progress and curves of a training into the records, at most twice a second."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from sqlalchemy.exc import OperationalError

from lensmith.domain.job import Job, Progress, TrainingPoint
from lensmith.domain.training_report import MachineShare, TrainingPlan
from lensmith.store.records import jobs, training_points
from lensmith.store.records.engine import Records

_INTERVAL = 0.5  # seconds


class ProgressWriter:
    """An `OnProgress` that writes into the records, rate-limited; raises as `jobs.hold` does."""

    def __init__(
        self,
        records: Records,
        job: Job,
        version_id: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._records = records
        self._job = job
        self._version_id = version_id
        self._clock = clock
        self._began = clock() - _seconds_before(records, version_id)
        self._phase: tuple[str, int | None] = ("", None)  # and trial
        self._phase_began = 0.0
        self._written = 0.0
        self._budget: float | None = None
        self._plan: TrainingPlan | None = None
        self._machine: MachineShare | None = None

    def __call__(self, progress: Progress) -> None:
        now = self._clock()
        self._budget = progress.budget_seconds or self._budget
        self._plan = progress.plan or self._plan
        self._machine = progress.machine or self._machine
        phase = (progress.phase, progress.trial)
        if phase != self._phase:
            self._phase, self._phase_began = phase, now
        elif now - self._written < _INTERVAL:
            return
        self._written = now
        known = replace(
            progress, budget_seconds=self._budget, plan=self._plan, machine=self._machine
        )
        self._write(self._with_eta(known, now - self._phase_began))

    def _with_eta(self, progress: Progress, elapsed: float) -> Progress:
        if progress.eta_seconds is not None or not progress.step or not progress.steps:
            return progress
        left = (progress.steps - progress.step) * elapsed / progress.step
        return replace(progress, eta_seconds=left)

    def _write(self, progress: Progress) -> None:
        # Records that are busy or away for a moment are no reason to lose hours of training.
        with suppress(OperationalError), self._records.write() as connection:
            jobs.report(connection, self._job, progress)
            point = self._point(progress)
            if point is not None:
                training_points.append(connection, self._version_id, point)

    def _point(self, progress: Progress) -> TrainingPoint | None:
        loss, metric = _finite(progress.loss), _finite(progress.metric)
        if loss is None and metric is None:
            return None
        seconds = self._clock() - self._began
        phase, trial = str(progress.phase), progress.trial
        return TrainingPoint(seconds, phase, progress.step, loss, metric, trial)


def _seconds_before(records: Records, version_id: int) -> float:
    """Return the seconds in the curves of earlier attempts, which this one continues."""
    with records.read() as connection:
        return training_points.last_seconds(connection, version_id)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
