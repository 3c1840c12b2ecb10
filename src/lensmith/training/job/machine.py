"""Measures what a training has of its machine beside other work."""

from __future__ import annotations

import os
import time
from dataclasses import replace

from lensmith.domain.job import Job, JobKind, JobStatus
from lensmith.domain.training_report import MachineShare
from lensmith.store.records import jobs
from lensmith.store.records.engine import Records


def machine_share(records: Records, job: Job, *, is_on_cluster: bool = False) -> MachineShare:
    """Count cores, the other trainings of the job's server, and the load.

    On a cluster the others run on any of its nodes, and are seen in the load alone.
    """
    beside = 0 if is_on_cluster else _beside(records, job)
    load, _, _ = os.getloadavg()
    return MachineShare(len(os.sched_getaffinity(0)), beside, round(load, 1))


def _beside(records: Records, job: Job) -> int:
    with records.read() as connection:
        running = jobs.with_status(connection, JobStatus.RUNNING, [JobKind.TRAIN])
    return sum(one.owner == job.owner and one.id != job.id for one in running)


class CoresUsed:
    """Measures the cores that this process uses from now on."""

    def __init__(self) -> None:
        self._wall, self._processor = time.monotonic(), time.process_time()

    def added_to(self, share: MachineShare) -> MachineShare:
        """Add the average since it was made."""
        wall = time.monotonic() - self._wall
        used = (time.process_time() - self._processor) / max(wall, 1e-3)
        return replace(share, cores_used=round(used, 2))
