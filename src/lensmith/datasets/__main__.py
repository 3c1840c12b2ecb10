"""`python -m lensmith.datasets`: the dataset process that the server starts."""

from __future__ import annotations

import signal
import sys

from lensmith.config import Settings
from lensmith.datasets import worker
from lensmith.datasets.health_process import HealthProcess
from lensmith.datasets.stores import Stores
from lensmith.processes.child_log import configure_child_log
from lensmith.processes.child_process import exit_with_parent
from lensmith.store.objects import ObjectStores
from lensmith.store.records.engine import Records


def main() -> None:
    exit_with_parent()
    configure_child_log()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    settings = Settings.from_environment()
    records = Records.open(settings.records_location)
    stores = Stores(settings, records, ObjectStores(settings, records))
    health = HealthProcess(stores)
    health.start()
    try:
        worker.run(stores)
    finally:
        health.stop()


if __name__ == "__main__":
    main()
