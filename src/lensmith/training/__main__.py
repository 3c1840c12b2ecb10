"""Runs one training in a process of its own: `python -m lensmith.training <job id> <fence>`.

With `--sweep` it removes first what killed trainings left on this machine, where no launcher does.
"""

from __future__ import annotations

import argparse
import os
import sys

from lensmith.config import Settings
from lensmith.processes import child_process
from lensmith.processes.child_log import configure_child_log
from lensmith.store.records.engine import Records
from lensmith.training.job.run import run_job
from lensmith.training.job.workspace import sweep_workspaces

_NICENESS = 10  # serving comes first


def main(arguments: list[str]) -> None:
    given = _parsed(arguments)
    child_process.exit_with_parent()
    os.nice(_NICENESS)
    configure_child_log()
    settings = Settings.from_environment()
    records = Records.of(settings)
    try:
        if given.sweep:
            sweep_workspaces(settings, records)
        run_job(settings, records, given.job_id, fence=given.fence)
    finally:
        records.close()


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("job_id", type=int)
    parser.add_argument("fence", type=int)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
