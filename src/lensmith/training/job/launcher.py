"""Launches a process for every queued training and collects those that ended."""

from __future__ import annotations

import os
import time
from contextlib import suppress

import structlog

from lensmith.config import Settings
from lensmith.domain.clock import now_ms
from lensmith.domain.job import Job, JobKind, JobStatus, Progress
from lensmith.domain.job_errors import JobCancelledError, SupersededError
from lensmith.domain.project_version import SERVICE_FAULT
from lensmith.domain.training_phase import TrainingPhase
from lensmith.processes.periodic import PeriodicThread
from lensmith.store.published.opening import published_folders
from lensmith.store.records import jobs, leases
from lensmith.store.records.engine import Records
from lensmith.store.records.leases import Lease
from lensmith.training.job import outcome, workspace
from lensmith.training.job.local_processes import LocalProcesses
from lensmith.training.job.processes import NotStartedError, TrainingProcesses

MAX_ATTEMPTS = 2
_UNFINISHED = frozenset({JobStatus.QUEUED, JobStatus.RUNNING})
_ENDED_BY_ITSELF = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED})
_LEAVING_SECONDS = 30.0  # that a process has to go once it has recorded the end of its training
_PAUSE = 0.5  # seconds between two looks at the processes and the queue

_log = structlog.get_logger(__name__)


class TrainingLauncher:
    """One thread in the server process; `python -m lensmith.training` does the work."""

    def __init__(
        self,
        settings: Settings,
        records: Records,
        owner: str = "",
        processes: TrainingProcesses | None = None,
    ) -> None:
        """`owner` is in whose name trainings are taken; by default this process's own.

        `processes` has the processes; by default they run on this machine.
        """
        self._settings = settings
        self._records = records
        self._processes = processes or LocalProcesses(settings)
        self._lease = Lease(owner or leases.process_owner(), settings.lease_seconds)
        self._next_recovery = 0.0
        self._running: dict[int, Job] = {}
        self._waiting: set[int] = set()  # those of them that wait for a machine with room
        self._thread = PeriodicThread("trainings", self._look, _PAUSE)

    def start(self) -> None:
        """Take over what an earlier server left, then begin to launch."""
        self._recover()
        workspace.sweep(self._settings, self._records)
        self._thread.start()

    def wake(self) -> None:
        """Check the queue now; thread-safe."""
        self._thread.wake()

    def stop(self) -> None:
        """Stop the processes; their trainings restart with the next server."""
        self._thread.stop()
        for job in self._running.values():
            self._processes.end(job)
            # Its plaintext may be in memory.
            workspace.Workspace.of(self._settings, job.id, job.fence).remove()
            self._put_back(job, blame=False)
        self._running.clear()

    def _look(self) -> None:
        self._stop_superseded()
        self._collect_ended()
        if time.monotonic() >= self._next_recovery:
            self._recover()
        while len(self._running) < self._settings.trainings_at_once:
            job = self._claim() if self._processes.can_start() else None
            if job is None or not self._launch(job):
                return

    def _claim(self) -> Job | None:
        queued = self._records.read_cached(jobs.queued, (JobKind.TRAIN,))
        excluded = {*self._running, *(job.id for job in queued if self._is_elsewhere(job))}
        if all(job.id in excluded for job in queued):  # most polls find nothing
            return None
        with self._records.write() as connection:
            lease = self._lease
            return leases.claim(connection, [JobKind.TRAIN], lease, os.getpid(), excluded)

    def _is_elsewhere(self, job: Job) -> bool:
        """Return whether the job's manifests are frozen on the disk of another server."""
        if not self._records.is_shared:
            return False
        folders = published_folders(self._settings, self._records)
        return not workspace.holds_snapshot(self._settings, folders, job)

    def _launch(self, job: Job) -> bool:
        try:
            pid = self._processes.start(job)
        except NotStartedError as error:
            _log.warning("training not started", job=job.id, reason=str(error))
            self._put_back(job, str(error), blame=error.is_fault)
            return False
        self._running[job.id] = job
        if pid is not None:
            # The training may have ended since, or have been cancelled: the next look sees it.
            with suppress(JobCancelledError, SupersededError), self._records.write() as connection:
                jobs.set_pid(connection, job, pid)
        _log.info("training started", job=job.id, version=job.resource_arn, pid=pid)
        return True

    def _stop_superseded(self) -> None:
        """End the processes whose training was cancelled or is another server's by now."""
        for job in self._running.values():
            if not self._is_at_work(job):
                self._processes.cancel(job)

    def _collect_ended(self) -> None:
        for job_id, job in list(self._running.items()):
            ended = self._processes.poll(job)
            if ended is None:
                self._note_waiting(job)
                continue
            _log.info("training process ended", job=job_id, reason=ended.reason)
            self._put_back(job, ended.reason, blame=ended.is_fault)
            self._processes.forget(job)
            self._waiting.discard(job_id)
            del self._running[job_id]  # only now: when the records are away it is done again

    def _note_waiting(self, job: Job) -> None:
        """Say once that a training waits; its process says what follows."""
        waits = self._processes.waits(job)
        if waits == (job.id in self._waiting):
            return
        if not waits:
            self._waiting.discard(job.id)
            _log.info("training has room", job=job.id, version=job.resource_arn)
            return
        with suppress(JobCancelledError, SupersededError), self._records.write() as connection:
            if jobs.locked(connection, job.id).progress is None:  # else it has begun
                jobs.report(connection, job, Progress(TrainingPhase.WAITING))
        self._waiting.add(job.id)
        _log.warning("training waits for a node with room", job=job.id, version=job.resource_arn)

    def _is_at_work(self, job: Job) -> bool:
        """Return whether the process has the job, or has recorded its end and now removes files."""
        with self._records.read() as connection:
            now = jobs.find(connection, job.id)
        if now is None or now.fence != job.fence:
            return False
        if now.status in _ENDED_BY_ITSELF and now.finished_ms is not None:
            return now_ms() - now.finished_ms < _LEAVING_SECONDS * 1000
        return now.status is JobStatus.RUNNING

    def _is_running(self, job_id: int, fence: int) -> bool:
        with self._records.read() as connection:
            now = jobs.find(connection, job_id)
        return now is not None and (now.status, now.fence) == (JobStatus.RUNNING, fence)

    def _recover(self) -> None:
        """Queue trainings again that are running in the records although no process has them."""
        while (job := self._take_over()) is not None:
            self._put_back(job, "The server ended while the training ran.")
        self._processes.sweep(self._is_running)
        self._next_recovery = time.monotonic() + self._lease.seconds / 3

    def _take_over(self) -> Job | None:
        kinds = [JobKind.TRAIN]
        with self._records.read() as connection:
            if not leases.has_abandoned(connection, kinds, self._lease.owner, self._running):
                return None
        with self._records.write() as connection:
            return leases.take_over(connection, kinds, self._lease, self._running)

    def _put_back(self, job: Job, error: str = "", blame: bool = True) -> None:
        """Requeue an unfinished job, or fail it after `MAX_ATTEMPTS`."""
        with suppress(JobCancelledError, SupersededError):
            if job.attempts < MAX_ATTEMPTS or not blame:
                with self._records.write() as connection:
                    leases.requeue(connection, job, blame=blame)
            else:
                outcome.fail(self._records, job, SERVICE_FAULT, error=error)
        self._discard_files(job)

    def _discard_files(self, job: Job) -> None:
        """Remove the files of an attempt, and of its training when that has ended."""
        with self._records.read() as connection:
            has_ended = jobs.get(connection, job.id).status not in _UNFINISHED
        if has_ended:
            workspace.discard_files(self._settings, self._records, job)
        else:
            workspace.Workspace.of(self._settings, job.id, job.fence).remove()
