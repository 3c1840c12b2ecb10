"""`python -m lensmith.datasets.distributions`: runs the queued distributions, then exits soon."""

from __future__ import annotations

from lensmith.datasets.distribute import distribute_dataset
from lensmith.datasets.job import Handlers
from lensmith.datasets.queued_jobs import run_queued_jobs
from lensmith.domain.job import JobKind

DISTRIBUTE_HANDLERS: Handlers = {JobKind.DISTRIBUTE_DATASET: distribute_dataset}

if __name__ == "__main__":
    run_queued_jobs(DISTRIBUTE_HANDLERS)
