"""Configures the log on standard error: text on a terminal, JSON lines elsewhere."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TextIO

import structlog
from structlog.types import Processor


class LogLines:
    """Writes rendered lines; `name` is the logging module's."""

    def __init__(self, name: str, file: TextIO) -> None:
        self.name = name
        self._file = file

    def msg(self, line: str) -> None:
        with suppress(OSError):  # a full disk; calls are answered all the same
            self._file.write(line + "\n")  # one write a line: those of several threads stay whole
            self._file.flush()

    debug = info = warning = error = critical = exception = msg


def configure_logs() -> None:
    """Send structlog's and the standard library's records to stderr in one format.

    structlog's records, one per API call, bypass the standard library, which costs several times
    as much.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderers = _renderers(sys.stderr.isatty())
    structlog.configure(
        processors=[*shared, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_logger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("lensmith").setLevel(logging.INFO)


def _logger(name: str = "lensmith") -> LogLines:
    return LogLines(name, sys.stderr)


def _renderers(terminal: bool) -> list[Processor]:
    if terminal:
        # The renderer's own tracebacks print local variables: secrets and request bodies.
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(exception_formatter=plain)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
