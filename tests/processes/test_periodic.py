from __future__ import annotations

import threading

from structlog.testing import capture_logs
from tests.support.eventually import until

from lensmith.processes.periodic import PeriodicThread


def test_a_step_is_repeated_after_an_error_and_when_woken() -> None:
    steps: list[int] = []

    def step() -> float | None:
        steps.append(len(steps))
        if len(steps) == 1:
            raise ValueError("the first step fails")
        return 3600.0 if len(steps) == 2 else None

    thread = PeriodicThread("test", step, pause_seconds=0.001)
    thread.start()
    until(lambda: len(steps) == 2)
    thread.wake()  # ends the pause of an hour
    until(lambda: len(steps) > 3)
    thread.stop()


def test_a_thread_that_was_never_started_stops() -> None:
    PeriodicThread("test", lambda: None, pause_seconds=1.0).stop()


def test_a_failure_is_told_whole_once_in_a_row() -> None:
    outcomes = [KeyError("a"), KeyError("b"), None, KeyError("c"), ValueError("d")]
    left = iter(outcomes)
    over = threading.Event()

    def step() -> None:
        try:
            error = next(left)
        except StopIteration:
            over.set()
            return
        if error is not None:
            raise error

    with capture_logs() as logs:
        thread = PeriodicThread("test", step, pause_seconds=0.001)
        thread.start()
        assert over.wait(60)
        thread.stop()
    assert [line["log_level"] for line in logs] == ["error", "warning", "error", "error"]
