"""Runs the queued jobs of some kinds in a process that ends soon after them."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Collection

from lensmith.config import Settings
from lensmith.datasets import worker
from lensmith.datasets.job import Handlers
from lensmith.datasets.stores import Stores
from lensmith.domain.clock import now_ms
from lensmith.domain.job import JobKind
from lensmith.processes.child_log import configure_child_log
from lensmith.processes.child_process import exit_with_parent
from lensmith.store.objects import ObjectStores
from lensmith.store.records import leases
from lensmith.store.records.engine import Records

# Jobs come in rows, and a small one takes less time than a process that starts.
LINGER_SECONDS = 3.0
_PAUSE_SECONDS = 0.1


def run_queued_jobs(handlers: Handlers, niceness: int = 0) -> None:
    """Run what is queued, what was abandoned first; the process dies with its parent."""
    stores = begin_process(niceness)
    is_asked = True
    while is_asked:
        worker.recover_abandoned(stores, handlers)
        while worker.carry_out_next(stores, handlers):
            pass
        is_asked = is_asked_again(stores, handlers)


def is_asked_again(
    stores: Stores, kinds: Collection[JobKind], seconds: float = LINGER_SECONDS
) -> bool:
    """Wait until a job of these kinds is queued or abandoned; False if none is in this time."""
    asked = (tuple(kinds), stores.owner)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(_PAUSE_SECONDS)
        work = stores.records.read_cached(leases.work_by_kind, asked)
        if any(begins <= now_ms() for begins in work.values()):
            return True
    return False


def begin_process(niceness: int) -> Stores:
    """Set this process up for jobs: it dies with its parent and ends cleanly when asked."""
    exit_with_parent()
    configure_child_log()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.nice(niceness)
    settings = Settings.from_environment()
    records = Records.of(settings)
    return Stores(settings, records, ObjectStores(settings, records))
