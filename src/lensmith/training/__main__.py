"""Runs one training in a process of its own: `python -m lensmith.training <job id> <fence>`."""

from __future__ import annotations

import os
import sys

from lensmith.config import Settings
from lensmith.processes import child_process
from lensmith.processes.child_log import configure_child_log
from lensmith.store.records.engine import Records
from lensmith.training.job.run import run_job

_NICENESS = 10  # serving comes first


def main(arguments: list[str]) -> None:
    child_process.exit_with_parent()
    os.nice(_NICENESS)
    configure_child_log()
    settings = Settings.from_environment()
    records = Records.of(settings)
    try:
        run_job(settings, records, int(arguments[0]), fence=int(arguments[1]))
    finally:
        records.close()


if __name__ == "__main__":
    main(sys.argv[1:])
