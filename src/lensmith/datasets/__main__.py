"""`python -m lensmith.datasets`: the dataset process that the server starts."""

from __future__ import annotations

import signal
import sys

from lensmith.config import Settings
from lensmith.datasets import worker
from lensmith.datasets.job_processes import JobProcesses
from lensmith.datasets.stores import Stores
from lensmith.domain.job import JobKind
from lensmith.processes.child_log import configure_child_log
from lensmith.processes.child_process import exit_with_parent
from lensmith.store.objects import ObjectStores
from lensmith.store.records.engine import Records

# Apart from this process, which must answer soon: they take minutes, or much memory.
_MODULES = {
    JobKind.CHECK_HEALTH: "lensmith.datasets.health_checks",
    JobKind.DISTRIBUTE_DATASET: "lensmith.datasets.distributions",
    JobKind.IMPORT_DATASET: "lensmith.tasks.imports",
    JobKind.SUGGEST_LABELS: "lensmith.tasks.suggestions",
    JobKind.PREDICT_REVIEW: "lensmith.tasks.review_predictions",
    JobKind.WRITE_REVIEW: "lensmith.tasks.review_manifest",
    JobKind.ANALYZE_FOLDER: "lensmith.tasks.analysis",
    JobKind.COPY_VERSION: "lensmith.tasks.copies",
    JobKind.CHANGE_STACK: "lensmith.tasks.stacks",
    JobKind.CREATE_EXAMPLE: "lensmith.tasks.examples",
}


def main() -> None:
    exit_with_parent()
    configure_child_log()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    settings = Settings.from_environment()
    records = Records.of(settings)
    stores = Stores(settings, records, ObjectStores(settings, records))
    processes = JobProcesses(stores, _MODULES)
    processes.start()
    try:
        worker.run(stores)
    finally:
        processes.stop()


if __name__ == "__main__":
    main()
