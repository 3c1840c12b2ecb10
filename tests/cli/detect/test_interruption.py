"""When Ctrl-C stops a run."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from lensmith.cli.detect.interruption import interrupted_afterwards


@pytest.fixture(autouse=True)
def attentive() -> Iterator[None]:
    """As in a terminal; what a shell starts in the background ignores Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.signal(signal.SIGINT, before) is signal.default_int_handler


def _ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def _interrupted(done: list[str], times: int, error: Exception | None = None) -> None:
    with interrupted_afterwards():
        for time in range(times):
            _ctrl_c()
            done.append(f"after Ctrl-C {time + 1}")
        if error is not None:
            raise error


def test_undisturbed() -> None:
    _interrupted([], times=0)


def test_a_block_ends_before_the_interruption() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        _interrupted(done, times=1)
    assert done == ["after Ctrl-C 1"]


def test_the_second_time_interrupts_at_once() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        _interrupted(done, times=2)
    assert done == ["after Ctrl-C 1"]


def test_an_error_within_goes_before() -> None:
    with pytest.raises(ValueError, match="no space"):
        _interrupted([], times=1, error=ValueError("no space"))


def test_ignored_it_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        _interrupted([], times=3)
    finally:
        signal.signal(signal.SIGINT, before)
