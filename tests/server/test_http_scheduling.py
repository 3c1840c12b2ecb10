"""The HTTP thread's policy follows the pictures that wait."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Iterator

import pytest

from lensmith.api.call_pool import CallPool
from lensmith.domain.errors import ThrottlingException
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


def test_the_threads_of_calls_keep_the_server_s_policy() -> None:
    pool = CallPool("calls", 1, 0, ThrottlingException)
    found: list[int] = []

    async def call() -> None:
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        found.append(await pool.offload(lambda: os.sched_getscheduler(0)))

    thread = threading.Thread(target=lambda: asyncio.run(call()))
    thread.start()
    thread.join()
    assert found == [os.SCHED_OTHER]
