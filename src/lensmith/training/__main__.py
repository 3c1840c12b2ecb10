"""One training in a process of its own: `python -m lensmith.training <job id>`."""

from __future__ import annotations

import logging
import os
import sys

import structlog

from lensmith.config import Settings
from lensmith.store import lifeline
from lensmith.store.records.engine import Records
from lensmith.training.job import run_job

_NICENESS = 10  # serving comes first


def main(arguments: list[str]) -> None:
    lifeline.follow_parent()
    os.nice(_NICENESS)
    _configure_log()
    settings = Settings.from_environment()
    records = Records.open(settings.records_location)
    try:
        run_job(settings, records, int(arguments[0]))
    finally:
        records.close()


def _configure_log() -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,  # without local variables: they hold keys
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
