"""The actor of a unit, without Ray."""

from __future__ import annotations

import threading
from pathlib import Path

from lensmith.serving.ray.actor import UnitActor
from lensmith.serving.ray.order import UnitReport
from lensmith.serving.remote.credentials import credentials_of
from lensmith.serving.timeouts import Timeouts

CREDENTIALS = credentials_of(bytes(32))
HOST = "127.0.0.1"


class Node:
    """An actor on a node of its own, and whether it has ended."""

    def __init__(self, home: Path, alone_seconds: float) -> None:
        self.ended = threading.Event()
        timeouts = Timeouts(idle_before_ping=0.2)
        self.actor = UnitActor(HOST, 1, home, self.ended.set, alone_seconds, timeouts)

    def await_report(self, known: int = 0) -> UnitReport:
        """Wait for the next report, after the one with that number."""
        report = self.actor.await_change(known, 60)
        assert report.number > known
        return report

    def await_port(self) -> int:
        report = UnitReport()
        while report.port is None and report.reason is None:
            report = self.await_report(report.number)
        assert report.port is not None, report.reason
        return report.port
