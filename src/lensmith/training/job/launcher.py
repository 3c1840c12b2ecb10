"""Launches a process for every queued training and collects those that ended."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress

import structlog

from lensmith.config import Settings
from lensmith.domain.job import Job, JobKind, JobStatus
from lensmith.domain.project_version import SERVICE_FAULT
from lensmith.processes import child_process
from lensmith.processes.periodic import PeriodicThread
from lensmith.store.records import jobs
from lensmith.store.records.engine import Records
from lensmith.training.job import outcome, workspace
from lensmith.training.job.outcome import SupersededError

MAX_ATTEMPTS = 2
_PAUSE = 0.5  # seconds between two looks at the processes and the queue
_GRACE = 5.0  # seconds a process has to end when asked

# glibc returns and faults in large blocks again and again otherwise; half the training speed.
_MALLOC = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "100000000000",
    "MALLOC_TOP_PAD_": "268435456",
}

# A thread that waits for another must not spin: on shared cores it spins in the other's place
# (measured on two busy cores: 3.4 s a step spinning, 0.9 s sleeping).
_THREADS = {"OMP_WAIT_POLICY": "PASSIVE"}

ENVIRONMENT = {**_MALLOC, **_THREADS}  # of a training process; read when it starts

_log = structlog.get_logger(__name__)


class TrainingLauncher:
    """One thread in the server process; `python -m lensmith.training` does the work."""

    def __init__(self, settings: Settings, records: Records) -> None:
        self._settings = settings
        self._records = records
        self._running: dict[int, tuple[Job, subprocess.Popen[bytes]]] = {}
        self._thread = PeriodicThread("trainings", self._look, _PAUSE)

    def start(self) -> None:
        """Take over what an earlier server left, then begin to launch."""
        self._recover()
        self._thread.start()

    def wake(self) -> None:
        """Check the queue now; thread-safe."""
        self._thread.wake()

    def stop(self) -> None:
        """Stop the processes; their trainings restart with the next server."""
        self._thread.stop()
        for job, process in self._running.values():
            child_process.stop(process, _GRACE)
            self._put_back(job, blame=False)
        self._running.clear()

    def _look(self) -> None:
        self._stop_cancelled()
        self._collect_ended()
        while len(self._running) < self._settings.trainings_at_once:
            job = self._claim()
            if job is None:
                return
            self._launch(job)

    def _claim(self) -> Job | None:
        if not self._records.read_cached(jobs.queued, (JobKind.TRAIN,)):  # most polls find nothing
            return None
        with self._records.write() as connection:
            return jobs.claim(connection, [JobKind.TRAIN], os.getpid())

    def _launch(self, job: Job) -> None:
        try:
            process = child_process.spawn(
                [sys.executable, "-m", "lensmith.training", str(job.id)],
                {**self._settings.to_environment(), **ENVIRONMENT},
                self._settings.training_log(job.id),
                die_with_thread=True,  # this thread ends with the server
            )
        except OSError as error:
            self._put_back(job, f"No training process could be started: {error.strerror}.")
            raise
        self._running[job.id] = (job, process)
        with self._records.write() as connection:
            jobs.set_pid(connection, job.id, process.pid)
        _log.info("training started", job=job.id, version=job.resource_arn, pid=process.pid)

    def _stop_cancelled(self) -> None:
        for job, process in self._running.values():
            with self._records.read() as connection:
                cancelled = jobs.get(connection, job.id).status is JobStatus.CANCELLED
            if cancelled and process.poll() is None:
                child_process.stop(process, _GRACE)

    def _collect_ended(self) -> None:
        for job_id, (job, process) in list(self._running.items()):
            if process.poll() is None:
                continue
            if process.stdin is not None:
                process.stdin.close()
            _log.info("training process ended", job=job_id, exit=process.returncode)
            self._put_back(job, f"The training process ended with {process.returncode}.")
            del self._running[job_id]  # only now: when the records are away it is done again

    def _recover(self) -> None:
        """Requeue jobs that are running in the records although their process is gone."""
        with self._records.read() as connection:
            left = jobs.with_status(connection, JobStatus.RUNNING, [JobKind.TRAIN])
            queued = jobs.queued(connection, [JobKind.TRAIN])
        for job in left:
            self._put_back(job, "The server ended while the training ran.")
        workspace.sweep(self._settings, [*left, *queued])

    def _put_back(self, job: Job, error: str = "", blame: bool = True) -> None:
        """Requeue an unfinished job, or fail it after `MAX_ATTEMPTS`."""
        with self._records.write() as connection:
            current = jobs.get(connection, job.id)
            if current.status is JobStatus.RUNNING and (
                current.attempts < MAX_ATTEMPTS or not blame
            ):
                jobs.requeue(connection, job.id, blame=blame)
                return
        if current.status is JobStatus.RUNNING:
            with suppress(SupersededError):
                outcome.fail(self._records, current, SERVICE_FAULT, error=error)
        workspace.discard_files(self._settings, current)
