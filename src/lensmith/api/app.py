"""The HTTP edge: routes, threads, reply headers (api.md 1.1, 1.3)."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, Self

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lensmith.api.body import Body, Room, read_body
from lensmith.api.dispatch import AnyOperation, answer, answer_awaited, awaited, refuse
from lensmith.api.lane import Lane
from lensmith.api.origin import FOREIGN_ORIGIN, OriginCheck
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.errors import (
    FrameworkError,
    ProvisionedThroughputExceededException,
    RequestTimeoutException,
    ServiceError,
    ThrottlingException,
)
from lensmith.operations.call import Service
from lensmith.serving.waiting_room import SEATS
from lensmith.wire.json_protocol import CONTENT_TYPE
from lensmith.wire.sigv4 import SignedRequest

_TOO_MANY = (ThrottlingException, ProvisionedThroughputExceededException)

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": (
        "authorization, content-type, x-amz-date, x-amz-security-token, x-amz-target, "
        "x-amz-user-agent, x-amz-content-sha256, amz-sdk-invocation-id, amz-sdk-request"
    ),
    "Access-Control-Max-Age": "600",
}


@dataclass(frozen=True, slots=True)
class Threads:
    """How many calls may be carried out in threads at once; detections need one for parts only."""

    control: int = 32
    detection: int = SEATS + 64  # those that wait for a unit; that are looked at or checked
    most_waiting: int = 64  # calls beyond these, each with its body in memory


def create_app(
    service: Service,
    operations: Mapping[str, AnyOperation],
    lensmith_routes: Sequence[BaseRoute] = (),
    threads: Threads | None = None,
    further: Sequence[AwsService] = (),
) -> ASGIApp:
    """The ASGI application.

    `operations` is `lensmith.operations.table.OPERATIONS`; `lensmith_routes` are what AWS does
    not have: routes under /_lensmith/ and the console; `further` are other services of AWS.
    """
    calls = AwsCalls([*further, Rekognition(service, operations)], threads or Threads())
    routes = Starlette(
        routes=[
            Route("/", calls, methods=["POST"]),
            Route("/", preflight, methods=["OPTIONS"]),
            Route("/service/{service}/operation/{operation}", calls, methods=["POST"]),
            Route("/_lensmith/health", health, methods=["GET"]),
            *lensmith_routes,
        ]
    )
    return ReplyHeaders(OriginCheck(Entrance(calls, routes), service.settings))


class Entrance:
    """Sends calls of AWS straight to what answers them; looking through all routes costs time."""

    def __init__(self, calls: ASGIApp, routes: ASGIApp) -> None:
        self._calls = calls
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_call = scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "POST"
        await (self._calls if is_call else self._routes)(scope, receive, send)


@dataclass(frozen=True, slots=True)
class Lanes:
    """Detection has its own, so that saturating it leaves the control plane quick."""

    control: Lane
    detection: Lane

    @classmethod
    def of(cls, threads: Threads) -> Self:
        waiting = threads.most_waiting
        return cls(
            Lane("control", threads.control, waiting, ThrottlingException),
            Lane("detection", threads.detection, waiting, ProvisionedThroughputExceededException),
        )


class AwsService(Protocol):
    """A service of AWS at this endpoint."""

    def serves(self, request: Request) -> bool:
        """Whether a request is for this service; tells by path and headers."""

    async def answer(self, request: ApiRequest, lanes: Lanes) -> Reply:
        """Carry out a call, whatever happens; raises what a lane refuses it with."""

    def refuse(self, error: ServiceError, request: ApiRequest) -> Reply:
        """The reply to a call that is not carried out; its body was not read."""


class Rekognition:
    """Custom Labels; what no other service takes is for it to refuse."""

    def __init__(self, service: Service, operations: Mapping[str, AnyOperation]) -> None:
        self._service = service
        self._operations = operations

    def serves(self, _: Request) -> bool:
        return True

    async def answer(self, request: ApiRequest, lanes: Lanes) -> Reply:
        operation = awaited(self._operations, request)
        if operation is None:
            call = partial(answer, self._service, self._operations, request)
            return await lanes.control.run(call)
        with lanes.detection.stay():
            return await answer_awaited(self._service, operation, request, lanes.detection.aside)

    def refuse(self, error: ServiceError, request: ApiRequest) -> Reply:
        return refuse(self._service, error, request)


class AwsCalls:
    """Every operation of the AWS API, as an ASGI application."""

    def __init__(self, services: Sequence[AwsService], threads: Threads) -> None:
        self._services = services
        self._room = Room()
        self._lanes = Lanes.of(threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reply = await self._reply(Request(scope, receive))
        except ClientDisconnect:
            return
        await send_reply(send, reply)

    async def _reply(self, request: Request) -> Reply:
        arrived = time.perf_counter()
        # One that was sent before the last was answered begins in what that bound to its log lines.
        structlog.contextvars.clear_contextvars()
        service = next(service for service in self._services if service.serves(request))
        try:
            body = await read_body(request, room=self._room)
            return await service.answer(received(request, body, arrived), self._lanes)
        except (FrameworkError, *_TOO_MANY) as error:
            return service.refuse(error, received(request, Body(), arrived))


async def preflight(_: Request) -> Response:
    """CORS for pages of configured origins that sign calls of the API themselves."""
    return Response(headers=_PREFLIGHT)


async def health(_: Request) -> Response:
    """The server answers; unauthenticated, so it says no more than that."""
    return JSONResponse({"status": "ok"})


class ReplyHeaders:
    """Gives every request an id, and every reply the id and what browsers need to read it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = str(uuid.uuid4())
        state = scope.setdefault("state", {})
        state["request_id"] = request_id

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"x-amzn-requestid", request_id.encode()),
                    *_further_headers(scope["path"], message["status"], state.get(FOREIGN_ORIGIN)),
                ]
            await send(message)

        # No name has one, and PostgreSQL takes none in a query.
        app = self._app if "\0" not in scope["path"] else Response(status_code=400)
        await app(scope, receive, send_with_headers)


def _further_headers(
    path: str, status: int, foreign_origin: bytes | None
) -> Iterator[tuple[bytes, bytes]]:
    if status == RequestTimeoutException.status:
        yield b"connection", b"close"  # nobody wants what may still come
    if path == "/" and foreign_origin is not None:
        yield b"access-control-allow-origin", foreign_origin
        yield b"vary", b"origin"
        yield b"access-control-expose-headers", b"x-amzn-RequestId,x-amzn-ErrorType"


def received(request: Request, body: Body, arrived: float) -> ApiRequest:
    """A request that was read whole, as the steps of a call take it."""
    http = SignedRequest(
        method=request.method,
        path=request.scope["path"],
        query=request.scope["query_string"].decode("latin-1"),
        headers=[
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in request.scope["headers"]
        ],
        body=body.data,
        body_sha256=body.sha256,
    )
    return ApiRequest(
        request_id=request.state.request_id,
        http=http,
        source_ip=request.client.host if request.client else "",
        is_secure=request.scope["scheme"] == "https",
        arrived=arrived,
    )


async def send_reply(send: Send, reply: Reply) -> None:
    """A whole reply, without a `Response`, which looks at its headers more than once."""
    headers = {"content-type": CONTENT_TYPE, **{n.lower(): v for n, v in reply.headers.items()}}
    headers["content-length"] = str(len(reply.body))
    if reply.error_code:
        headers["x-amzn-errortype"] = reply.error_code
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": reply.body})
