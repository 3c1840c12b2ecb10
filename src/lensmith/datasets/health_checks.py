"""`python -m lensmith.datasets.health_checks`: runs the queued health checks, then exits soon."""

from __future__ import annotations

from lensmith.datasets.check_health import check_health
from lensmith.datasets.job import Handlers
from lensmith.datasets.queued_jobs import run_queued_jobs
from lensmith.domain.job import JobKind

HEALTH_HANDLERS: Handlers = {JobKind.CHECK_HEALTH: check_health}

_NICENESS = 10  # answering requests comes first

if __name__ == "__main__":
    run_queued_jobs(HEALTH_HANDLERS, _NICENESS)
