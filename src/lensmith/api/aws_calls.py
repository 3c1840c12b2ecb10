"""Every operation of the AWS APIs, as one ASGI application."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lensmith.api.body import BodyLimits, BodyMemory, read_body
from lensmith.api.call_pool import Threads, call_pools
from lensmith.api.reply_records import ReplyRecords
from lensmith.api.request import Body, Reply, decoded_headers, received
from lensmith.api.steps import answer, is_detection, record, refuse
from lensmith.api.wire import AwsApi, Wire
from lensmith.domain.errors import ServiceError
from lensmith.operations.call import Service
from lensmith.wire.json_protocol import CONTENT_TYPE


class AwsCalls:
    """Reads the body, chooses the API, answers. Bound to one event loop."""

    def __init__(
        self, service: Service, apis: Sequence[AwsApi], threads: Threads, limits: BodyLimits
    ) -> None:
        self._service = service
        self._apis = apis
        self._pools = call_pools(threads)
        self._limits = limits
        self._memory = BodyMemory()
        detections = self._pools["detection"]
        self._records = ReplyRecords(partial(record, service), lambda: not detections.calls)

    def close(self) -> None:
        """Record what was answered; the server ends."""
        self._records.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            wire, reply = await self._answered(Request(scope, receive))
        except ClientDisconnect:
            return
        try:
            await _response(reply)(scope, receive, send)
        finally:
            if is_detection(wire):
                self._records.add(wire, reply)
            else:
                seconds = time.perf_counter() - wire.request.arrived
                record(self._service, wire, reply, seconds)

    async def _answered(self, request: Request) -> tuple[Wire, Reply]:
        arrived = time.perf_counter()
        # A pipelined request starts in the context of the one before it.
        structlog.contextvars.clear_contextvars()
        headers = decoded_headers(request.scope)
        path, first = request.scope["path"], dict(reversed(headers))  # value of each name
        api = next(each for each in self._apis if each.serves(path, first))
        try:
            body = await read_body(request, self._limits, self._memory)
        except ServiceError as error:
            wire = api.wire(received(request, Body(), arrived, headers))
            return wire, refuse(wire, error)
        wire = api.wire(received(request, body, arrived, headers))
        return wire, await answer(self._service, wire, self._pools)


def _response(reply: Reply) -> Response:
    headers = {"content-type": CONTENT_TYPE, **{n.lower(): v for n, v in reply.headers.items()}}
    if reply.error_code:
        headers["x-amzn-errortype"] = reply.error_code
    return Response(reply.body, reply.status, headers)
