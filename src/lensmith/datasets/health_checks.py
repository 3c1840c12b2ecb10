"""`python -m lensmith.datasets.health_checks`: runs the queued health checks, then exits."""

from __future__ import annotations

import os
import signal
import sys

from lensmith.config import Settings
from lensmith.datasets import worker
from lensmith.datasets.check_health import check_health
from lensmith.datasets.job import Handlers
from lensmith.datasets.stores import Stores
from lensmith.domain.job import JobKind
from lensmith.processes.child_log import configure_child_log
from lensmith.processes.child_process import exit_with_parent
from lensmith.store.objects import ObjectStores
from lensmith.store.records.engine import Records

HEALTH_HANDLERS: Handlers = {JobKind.CHECK_HEALTH: check_health}

_NICENESS = 10  # answering requests comes first


def main() -> None:
    exit_with_parent()
    configure_child_log()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.nice(_NICENESS)
    settings = Settings.from_environment()
    records = Records.of(settings)
    stores = Stores(settings, records, ObjectStores(settings, records))
    worker.requeue_orphaned(stores, HEALTH_HANDLERS)
    while worker.carry_out_next(stores, HEALTH_HANDLERS):
        pass


if __name__ == "__main__":
    main()
