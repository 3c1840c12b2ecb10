"""Replies are recorded at once or a few together, each in the context of its call."""

from __future__ import annotations

import asyncio
import time
from contextvars import ContextVar

from lensmith.api.rekognition import RekognitionWire
from lensmith.api.reply_records import ReplyRecords
from lensmith.api.request import ApiRequest, ClientConnection, Reply
from lensmith.api.wire import Wire
from lensmith.operations.table import OPERATIONS
from lensmith.wire.sigv4 import SignedRequest

REPLY = Reply(200, b"{}")

_caller: ContextVar[str] = ContextVar("caller")


def call(number: int, body: bytes = b"") -> Wire:
    http = SignedRequest("POST", "/", "", [], body)
    now = time.perf_counter()
    request = ApiRequest(str(number), http, "127.0.0.1", False, now, ClientConnection())
    return RekognitionWire(request, OPERATIONS)


class Recorded:
    """What was recorded, by a server that is idle or not."""

    def __init__(self, *, is_idle: bool = False, faulty: str = "") -> None:
        self.ids: list[str] = []
        self.at_once: list[int] = []  # how many were recorded after each reply
        self.contexts: list[str] = []
        self.event = asyncio.Event()
        self.faulty = faulty  # the call that cannot be recorded
        self.records = ReplyRecords(self._record, lambda: is_idle)

    def _record(self, wire: Wire, _: Reply, seconds: float) -> None:
        assert seconds >= 0
        if wire.request.request_id == self.faulty:
            raise OSError(self.faulty)
        self.ids.append(wire.request.request_id)
        self.contexts.append(_caller.get("no caller"))
        self.event.set()


def added(*calls: Wire, is_idle: bool = False, settle: bool = False) -> Recorded:
    """What was recorded, at last, of calls that were answered one after the other."""

    async def add() -> Recorded:
        recorded = Recorded(is_idle=is_idle)
        for number, each in enumerate(calls):
            _caller.set(f"caller {number}")
            recorded.records.add(each, REPLY)
            recorded.at_once.append(len(recorded.ids))
        if settle:
            recorded.records.settle()
            recorded.records.settle()
        else:
            await recorded.event.wait()
        return recorded

    return asyncio.run(add())


def test_with_no_other_call_under_way_a_reply_is_recorded_at_once() -> None:
    assert added(call(1), call(2), is_idle=True).at_once == [1, 2]


def test_beside_other_calls_replies_are_recorded_together_in_order() -> None:
    recorded = added(*map(call, range(8)))
    assert recorded.at_once == [0, 0, 0, 0, 0, 0, 0, 8]
    assert recorded.ids == [str(number) for number in range(8)]
    assert recorded.contexts == [f"caller {number}" for number in range(8)]


def test_no_reply_waits_for_others_that_do_not_come() -> None:
    recorded = added(call(1), call(2))
    assert recorded.at_once == [0, 0]
    assert recorded.ids == ["1", "2"]


def test_a_large_body_is_not_kept() -> None:
    assert added(call(1), call(2, bytes(1 << 20))).at_once == [0, 2]


def test_a_reply_that_waits_is_recorded_when_the_server_ends() -> None:
    recorded = added(call(1), settle=True)
    assert (recorded.at_once, recorded.ids) == ([0], ["1"])


def test_a_reply_that_cannot_be_recorded_holds_up_no_other() -> None:
    async def add() -> Recorded:
        recorded = Recorded(faulty="1")
        for number in range(8):
            recorded.records.add(call(number), REPLY)
        return recorded

    assert asyncio.run(add()).ids == ["0", *map(str, range(2, 8))]


def test_a_reply_that_is_sent_while_the_server_ends_is_recorded_at_once() -> None:
    async def add() -> Recorded:
        recorded = Recorded()
        recorded.records.add(call(1), REPLY)
        recorded.records.close()
        recorded.records.add(call(2), REPLY)
        return recorded

    assert asyncio.run(add()).ids == ["1", "2"]
