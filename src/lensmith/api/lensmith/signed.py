"""Runs calls of what AWS does not have: authenticated and refused as calls of the AWS API are."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import anyio.to_thread
import structlog
from anyio import CapacityLimiter
from msgspec.json import encode
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from lensmith.api.audit import audit_route
from lensmith.api.authenticate import SESSION_HEADER, Principal, authenticate
from lensmith.api.body import BodyLimits, read_body
from lensmith.api.call_pool import CallOffload, RunInThread
from lensmith.api.lensmith.named import veiled
from lensmith.api.rekognition import refusal
from lensmith.api.request import PRIVATE, ApiRequest, Body, Reply, received
from lensmith.api.steps import admit, log_reply, settled
from lensmith.domain.errors import (
    AccessDeniedException,
    OperationError,
    ResourceNotFoundException,
    ServiceError,
    ValidationException,
)
from lensmith.operations.call import Service
from lensmith.wire.sigv4 import SignedRequest

_NUL_IN_JSON = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

_BODY_LIMIT = 64 << 10  # bytes; bodies wait here for a thread in any number


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is sent while it is made."""

    file_name: str
    media_type: str
    parts: Iterator[bytes]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Reply | Download
Work = Callable[[Principal, ApiRequest], Answer]
R = TypeVar("R")
Authenticate = Callable[[Service, SignedRequest], Principal]


async def answer_signed(
    service: Service,
    request: Request,
    operation: str,
    work: Work,
    authenticated: Authenticate = authenticate,
    body_limit: int = _BODY_LIMIT,
    limiter: CapacityLimiter | None = None,
    *,
    is_json: bool = True,
) -> Response:
    """Authenticate, then run `work` in a thread. Logs exactly one line, as `operation`.

    The body of a session's request is read after its caller is known; that of a signed one before.

    `work` takes the other steps: it finds what the path names, authorises, handles, serialises.
    `limiter` keeps long work from taking the threads of all other routes.
    """
    arrived = time.perf_counter()
    request_id = request.state.request_id
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id, operation=operation)
    run = partial(anyio.to_thread.run_sync, limiter=limiter)
    work = _veiling(service, request, operation, work)
    pause = service.settings.client_timeout_seconds
    limits = BodyLimits(max_bytes=body_limit, pause_seconds=pause)
    arriving = _Arriving(request, limits, arrived, is_json)
    steps = unless_broken_off(_steps(service, arriving, work, authenticated, run))
    answer = await settled(steps, lambda error: refused(error, request_id))
    logged = Reply(200, b"") if isinstance(answer, Download) else answer
    if arriving.principal is not None:
        audit_route(service, operation, arriving.without_body(), arriving.principal, logged)
    log_reply(operation, logged, arrived)
    return as_response(answer)


def _veiling(service: Service, request: Request, operation: str, work: Work) -> Work:
    """Make `work` tell what does not exist only to callers who may know what does."""
    path = request.path_params
    project = path.get("project")

    def run(principal: Principal, sent: ApiRequest) -> Answer:
        try:
            return work(principal, sent)
        except (ResourceNotFoundException, AccessDeniedException) as error:
            raise veiled(service, principal, sent, operation, project, error) from error

    return run


async def unless_broken_off(steps: Awaitable[R]) -> R | Reply:
    try:
        return await steps
    except ClientDisconnect:
        return Reply(400, b"", "ClientDisconnect")


@dataclass(slots=True)
class _Arriving:
    """A request whose body is yet to be read, and its caller once it is known."""

    request: Request
    limits: BodyLimits
    arrived: float
    is_json: bool  # the body
    principal: Principal | None = None

    @property
    def is_of_session(self) -> bool:
        """Whether its caller is known without the body, which only a signature covers."""
        headers = self.request.headers
        return SESSION_HEADER in headers and "authorization" not in headers

    def without_body(self) -> ApiRequest:
        return received(self.request, Body(), self.arrived)

    async def whole(self) -> ApiRequest:
        """Read the body; raises as `read_body`, and ValidationException for U+0000 in a text."""
        query = self.request.query_params.multi_items()
        if any("\0" in text for pair in query for text in pair):
            raise ValidationException("A text of the query has U+0000, which no text may have.")
        memory = self.request.app.state.body_memory
        body = await read_body(self.request, self.limits, memory)
        has_nul = self.is_json and b"\\u0000" in body.data and _NUL_IN_JSON.search(body.data)
        if has_nul:
            raise ValidationException("A text of the body has U+0000, which no text may have.")
        return received(self.request, body, self.arrived)


async def _steps(
    service: Service,
    arriving: _Arriving,
    work: Work,
    authenticated: Authenticate,
    run_in_thread: RunInThread,
) -> Answer:
    offload = CallOffload(run_in_thread, service.records.cache_only())
    # Signing in writes, all else reads what may be cached.
    run = offload.unless_cached if authenticated is authenticate else offload
    if authenticated is authenticate and arriving.is_of_session:
        head = arriving.without_body()
        principal = await run(partial(authenticated, service, head.http))
        request = await arriving.whole()
    else:
        request = await arriving.whole()
        principal = await run(partial(authenticated, service, request.http))
    arriving.principal = principal
    request.connection.is_authenticated = True
    structlog.contextvars.bind_contextvars(**principal.logged)
    admit(service, principal)
    if service.audit is not None and request.http.method not in {"GET", "HEAD"}:
        service.audit.require_room()
    return await offload(partial(work, principal, request))


def refused(error: ServiceError, request_id: str) -> Reply:
    """Write an error as `refusal` does, always with its sentence in `message`."""
    reply = refusal(error, request_id)
    if not isinstance(error, OperationError):
        return reply
    return replace(reply, body=reply.body[:-1] + b',"message":' + encode(error.message) + b"}")


def as_response(answer: Answer) -> Response:
    if isinstance(answer, Download):
        named = {"Content-Disposition": f'attachment; filename="{answer.file_name}"'}
        headers = dict(answer.headers) or {**PRIVATE, **named}
        return StreamingResponse(answer.parts, answer.status, headers, answer.media_type)
    headers = {**PRIVATE, **answer.headers}
    if answer.error_code:
        headers["x-amzn-ErrorType"] = answer.error_code
    media_type = None if "Content-Type" in headers else "application/json"
    return Response(answer.body, answer.status, headers, media_type=media_type)
