"""The HTTP thread's policy follows the pictures that wait."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator

import pytest

from lensmith.server.http_scheduling import HttpScheduling

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="SCHED_BATCH is Linux's")


@pytest.fixture(name="thread_id")
def thread_id_fixture() -> Iterator[int]:
    """A thread that waits."""
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    assert thread.native_id is not None
    yield thread.native_id
    ended.set()
    thread.join()


def test_it_waits_for_its_turn_while_pictures_wait(thread_id: int) -> None:
    waiting = [0, 3, 3, 0, 1]
    scheduling = HttpScheduling(thread_id, lambda: waiting[0])
    found = []
    while waiting:
        scheduling.step()
        found.append(os.sched_getscheduler(thread_id) == os.SCHED_BATCH)
        del waiting[0]
    assert found == [False, True, True, False, True]


def test_a_policy_that_the_server_was_given_stays(thread_id: int) -> None:
    os.sched_setscheduler(thread_id, os.SCHED_IDLE, os.sched_param(0))
    scheduling = HttpScheduling(thread_id, lambda: 1)
    scheduling.start()
    scheduling.stop()
    assert os.sched_getscheduler(thread_id) == os.SCHED_IDLE


def test_a_thread_that_is_gone_is_no_error() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    assert thread.native_id is not None
    thread.join()
    scheduling = HttpScheduling(thread.native_id, lambda: 1)
    scheduling.start()
    scheduling.step()
    scheduling.stop()


@pytest.mark.parametrize("then", [1, 0], ids=["while pictures wait", "when none waits"])
def test_threads_that_it_begins_run_as_ever(then: int) -> None:
    waiting = [1]
    begun: list[threading.Thread] = []
    may_begin, has_begun, ended = threading.Event(), threading.Event(), threading.Event()

    def serve() -> None:
        may_begin.wait()
        begun.append(threading.Thread(target=ended.wait))
        begun[0].start()
        has_begun.set()
        ended.wait()

    http = threading.Thread(target=serve)
    http.start()
    assert http.native_id is not None
    scheduling = HttpScheduling(http.native_id, lambda: waiting[0])
    try:
        scheduling.step()
        may_begin.set()
        has_begun.wait()
        heir = begun[0].native_id
        assert heir is not None
        inherited = os.sched_getscheduler(heir)
        waiting[0] = then
        scheduling.step()
        assert (inherited, os.sched_getscheduler(heir)) == (os.SCHED_BATCH, os.SCHED_OTHER)
        assert os.sched_getscheduler(http.native_id) == (os.SCHED_BATCH if then else os.SCHED_OTHER)
    finally:
        ended.set()
        http.join()
