"""The log of a child process: JSON lines on standard error, which its parent sends to a file."""

from __future__ import annotations

import logging
import sys

import structlog


def configure_child_log() -> None:
    """Configure structlog and the standard library's warnings as JSON lines on stderr."""
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
