"""The HTTP edge: routes and reply headers (api.md 1.1, 1.3)."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lensmith.api.aws_calls import AwsCalls
from lensmith.api.body import BodyLimits, BodyMemory
from lensmith.api.call_pool import Threads
from lensmith.api.fast_path.router import AwsFastPath
from lensmith.api.origin import FOREIGN_ORIGIN, OriginCheck
from lensmith.api.rekognition import Rekognition
from lensmith.api.request import PRIVATE
from lensmith.api.wire import AwsApi
from lensmith.domain.errors import RequestTimeoutException
from lensmith.domain.host import is_address, is_loopback
from lensmith.operations.call import Operation, Service

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": (
        "authorization, content-type, x-amz-date, x-amz-security-token, x-amz-target, "
        "x-amz-user-agent, x-amz-content-sha256, amz-sdk-invocation-id, amz-sdk-request"
    ),
    "Access-Control-Max-Age": "600",
}


def create_app(
    service: Service,
    operations: Mapping[str, Operation],
    lensmith_routes: Sequence[BaseRoute] = (),
    *,
    further: Sequence[AwsApi] = (),
    threads: Threads | None = None,
    limits: BodyLimits | None = None,
    fast_path: bool = True,
) -> ASGIApp:
    """Make the ASGI application.

    `operations` is `lensmith.operations.table.OPERATIONS`; `lensmith_routes` are what AWS does
    not have: routes under /_lensmith/ and the console; `further` are other APIs of AWS. Without
    `fast_path` every request takes Starlette's routes.
    """
    apis = [*further, Rekognition(operations)]
    calls = AwsCalls(service, apis, threads or Threads(), limits or BodyLimits())
    routes = Starlette(
        routes=[
            Route("/", calls, methods=["POST"]),
            Route("/", preflight, methods=["OPTIONS"]),
            Route("/service/{service}/operation/{operation}", calls, methods=["POST"]),
            Route("/_lensmith/health", health, methods=["GET"]),
            *lensmith_routes,
        ],
        lifespan=partial(_recording, calls),
    )
    routes.state.body_memory = BodyMemory()  # of all that is not a call of AWS
    app = AwsFastPath(calls, routes) if fast_path else routes
    return ReplyHeaders(
        OriginCheck(app, service.settings), has_tls=bool(service.settings.tls_certificate)
    )


@asynccontextmanager
async def _recording(calls: AwsCalls, _: Starlette) -> AsyncIterator[None]:
    yield
    calls.close()


async def preflight(_: Request) -> Response:
    """Answer CORS preflights of pages of configured origins that sign calls themselves."""
    return Response(headers=_PREFLIGHT)


async def health(_: Request) -> Response:
    """Reply that the server is up; unauthenticated, so it says no more."""
    return JSONResponse({"status": "ok"}, headers=PRIVATE)


class ReplyHeaders:
    """Adds the request id, and the CORS headers that browsers need, to every reply."""

    def __init__(self, app: ASGIApp, *, has_tls: bool = False) -> None:
        self._app = app
        self._has_tls = has_tls

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
                    *(_strict_transport(scope) if self._has_tls else ()),
                ]
            await send(message)

        # Reject NUL: no resource name has one and PostgreSQL cannot store it.
        app = self._app if "\0" not in scope["path"] else Response(status_code=400, headers=PRIVATE)
        await app(scope, receive, send_with_headers)


def _further_headers(
    path: str, status: int, foreign_origin: bytes | None
) -> Iterator[tuple[bytes, bytes]]:
    if status == RequestTimeoutException.status:
        yield b"connection", b"close"  # the rest of the body may still come
    if path == "/" and foreign_origin is not None:
        yield b"access-control-allow-origin", foreign_origin
        yield b"vary", b"origin"
        yield b"access-control-expose-headers", b"x-amzn-RequestId,x-amzn-ErrorType"


def _strict_transport(scope: Scope) -> Iterator[tuple[bytes, bytes]]:
    """Yield HSTS for names of hosts: it would bind every other program at localhost too."""
    host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode(
        "latin-1"
    )
    name = host.rpartition(":")[0] or host
    if name and not is_loopback(name) and not is_address(name):
        yield b"strict-transport-security", b"max-age=31536000"
