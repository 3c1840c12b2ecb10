"""Calls of what AWS does not have: signed and refused as calls of the AWS API are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import anyio.to_thread
import structlog
from msgspec.json import encode
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from lensmith.api.app import received
from lensmith.api.authenticate import Principal, authenticate
from lensmith.api.body import read_body
from lensmith.api.dispatch import log_reply, refusal
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.errors import (
    FrameworkError,
    InternalServerError,
    OperationError,
    ServiceError,
)
from lensmith.operations.call import Service
from lensmith.wire.sigv4 import SignedRequest

log = structlog.get_logger(__name__)

_BODY_LIMIT = 64 << 10  # bytes; bodies wait here for a thread in any number


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is sent while it is made."""

    file_name: str
    media_type: str
    parts: Iterator[bytes]


Answer = Reply | Download
Work = Callable[[Principal, ApiRequest], Answer]
Authenticated = Callable[[Service, SignedRequest], Principal]


async def answer_signed(
    service: Service,
    request: Request,
    operation: str,
    work: Work,
    authenticated: Authenticated = authenticate,
    body_limit: int = _BODY_LIMIT,
) -> Response:
    """Carry out `work` for whoever sent the request, and log it once as `operation`."""
    arrived = time.perf_counter()
    try:
        body = await read_body(request, body_limit)
    except ClientDisconnect:
        return Response(status_code=400)
    except FrameworkError as error:
        return _response(refused(error, request.state.request_id))
    whole = received(request, body, arrived)
    carry_out = partial(_carry_out, service, whole, operation, work, authenticated)
    return _response(await anyio.to_thread.run_sync(carry_out))


def _carry_out(
    service: Service, request: ApiRequest, operation: str, work: Work, authenticated: Authenticated
) -> Answer:
    structlog.contextvars.bind_contextvars(request_id=request.request_id, operation=operation)
    answer: Answer
    try:
        principal = authenticated(service, request.http)
        structlog.contextvars.bind_contextvars(**principal.logged)
        answer = work(principal, request)
    except ServiceError as error:
        answer = refused(error, request.request_id)
    except Exception:
        log.exception("call failed unexpectedly")
        answer = refused(InternalServerError(), request.request_id)
    log_reply(Reply(200, b"") if isinstance(answer, Download) else answer, request.arrived)
    return answer


def refused(error: ServiceError, request_id: str) -> Reply:
    """As `refusal`; here the sentence is always in `message`, too."""
    reply = refusal(error, request_id)
    if not isinstance(error, OperationError):
        return reply
    return replace(reply, body=reply.body[:-1] + b',"message":' + encode(error.message) + b"}")


def _response(answer: Answer) -> Response:
    if isinstance(answer, Download):
        named = {"Content-Disposition": f'attachment; filename="{answer.file_name}"'}
        return StreamingResponse(answer.parts, headers=named, media_type=answer.media_type)
    headers = {**answer.headers}
    if answer.error_code:
        headers["x-amzn-ErrorType"] = answer.error_code
    return Response(answer.body, answer.status, headers, media_type="application/json")
