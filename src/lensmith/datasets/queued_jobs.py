"""Runs the queued jobs of some kinds in a process that ends with them."""

from __future__ import annotations

import os
import signal
import sys

from lensmith.config import Settings
from lensmith.datasets import worker
from lensmith.datasets.job import Handlers
from lensmith.datasets.stores import Stores
from lensmith.processes.child_log import configure_child_log
from lensmith.processes.child_process import exit_with_parent
from lensmith.store.objects import ObjectStores
from lensmith.store.records.engine import Records


def run_queued_jobs(handlers: Handlers, niceness: int = 0) -> None:
    """Run what is queued, what was abandoned first; the process dies with its parent."""
    stores = begin_process(niceness)
    worker.recover_abandoned(stores, handlers)
    while worker.carry_out_next(stores, handlers):
        pass


def begin_process(niceness: int) -> Stores:
    """Set this process up for jobs: it dies with its parent and ends cleanly when asked."""
    exit_with_parent()
    configure_child_log()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.nice(niceness)
    settings = Settings.from_environment()
    records = Records.of(settings)
    return Stores(settings, records, ObjectStores(settings, records))
