"""The steps from a request to its reply (api.md 1.5), the same for every AWS operation.

parse, authenticate, validate, authorise, handle, serialise: each returns a value for the next.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeAlias, TypeVar

import structlog

from lensmith.api.audit import audit_call
from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise, known_of
from lensmith.api.call_pool import CallOffload, CallPool
from lensmith.api.request import Reply
from lensmith.api.wire import Parsed, Wire
from lensmith.domain.audit_event import is_read_only
from lensmith.domain.errors import (
    InternalServerError,
    ProvisionedThroughputExceededException,
    ServiceError,
    ThrottlingException,
)
from lensmith.metrics.calls import CallOutcome
from lensmith.operations.call import Call, Offload, Operation, PoolName, Service

QUICK_BODY = 64 << 10  # bytes; the event loop hashes and parses no larger ones

log = structlog.get_logger(__name__)

R = TypeVar("R")
Pools: TypeAlias = Mapping[PoolName, CallPool]


async def answer(service: Service, wire: Wire, pools: Pools) -> Reply:
    """Run one call; every exception becomes an error reply. `record` it once that is sent."""
    structlog.contextvars.bind_contextvars(request_id=wire.request.request_id)
    reply = await settled(_admitted(service, wire, pools[wire.pool]), partial(_noted, wire))
    if not is_detection(wire):
        audit_call(service, wire, reply)  # on disk before the client knows
    return reply


def _noted(wire: Wire, error: ServiceError) -> Reply:
    wire.notes.error = error
    return wire.refusal(error)


def refuse(wire: Wire, error: ServiceError) -> Reply:
    """Refuse a call whose body was not read. `record` it once the reply is sent."""
    structlog.contextvars.bind_contextvars(request_id=wire.request.request_id)
    return wire.refusal(error)


def record(service: Service, wire: Wire, reply: Reply, seconds: float) -> None:
    """Count a call and log its one line, while its client has the reply already."""
    if is_detection(wire):
        audit_call(service, wire, reply)  # its events wait in memory for others anyway
    service.calls.answered(wire.name, CallOutcome.of(reply.status, reply.error_code), seconds)
    _log_reply(wire.name, reply, seconds)


def admit(service: Service, principal: Principal, pool: PoolName = "control") -> None:
    """Count a call of a proved caller.

    Raises ThrottlingException, or as AWS for detections ProvisionedThroughputExceededException.
    Unsigned and wrongly signed requests are not counted, so they use up no key's rate.
    """
    if service.rates.admit(principal.caller):
        return
    if pool == "detection":
        raise ProvisionedThroughputExceededException
    raise ThrottlingException("Rate exceeded")


async def settled(steps: Awaitable[R], refusal: Callable[[ServiceError], R]) -> R:
    """Await the steps of one call; every exception becomes a refusal."""
    try:
        return await steps
    except ServiceError as error:
        return refusal(error)
    except Exception as error:
        log.error("call failed unexpectedly", exc_info=error)
        return refusal(InternalServerError())


def log_reply(operation: str, reply: Reply, arrived: float) -> None:
    """Log one line a call; request id and caller come from the context."""
    _log_reply(operation, reply, time.perf_counter() - arrived)


def _log_reply(operation: str, reply: Reply, seconds: float) -> None:
    duration_ms = round(seconds * 1000, 1)
    log.info(
        "call",
        operation=operation,
        status=reply.status,
        error=reply.error_code,
        duration_ms=duration_ms,
    )


async def _admitted(service: Service, wire: Wire, pool: CallPool) -> Reply:
    with pool.admit():
        offload = CallOffload(pool.offload, service.records.cache_only())
        return await _steps(service, wire, offload)


async def _steps(service: Service, wire: Wire, offload: Offload) -> Reply:
    request = wire.request
    around_blob = wire.parse_around_blob() if request.http.body_sha256 else None
    is_quick = around_blob is not None or len(request.http.body) <= QUICK_BODY
    run = offload.unless_cached if is_quick else offload

    parsed = around_blob if around_blob is not None else await run(wire.parse)
    operation, notes = parsed.operation, wire.notes
    notes.members = parsed.members
    principal = await run(partial(wire.principal, service, operation))
    notes.principal = principal
    request.connection.is_authenticated = True
    structlog.contextvars.bind_contextvars(operation=operation.name, **principal.logged)
    if not operation.unsigned:
        admit(service, principal, operation.pool)
    service = service.in_region(principal.region)
    with wire.measured(service, principal.caller, operation):
        call = await run(partial(_judged, service, wire, parsed, principal))
        if service.audit is not None and not is_read_only(operation.name):
            service.audit.require_room()
        notes.result = result = await operation.handle(service, call, offload)
        return await _serialise(wire, operation, result, offload)


def _judged(service: Service, wire: Wire, parsed: Parsed, principal: Principal) -> Call:
    """Validate and authorise."""
    wire.validate(parsed)
    operation, request, settings = parsed.operation, wire.request, service.settings
    call = Call(operation.name, parsed.members, principal.caller, request.request_id)
    if operation.unsigned:
        call = replace(call, conditions=known_of(principal, request, settings))
    authorise(principal, operation.permissions(service, call), request, settings)
    return call


async def _serialise(
    wire: Wire, operation: Operation, result: Mapping[str, object], offload: Offload
) -> Reply:
    serialise = partial(wire.serialise, operation, result)
    # A page of a listing is long work; the labels of one image are not.
    return serialise() if operation.pool == "detection" else await offload(serialise)


def is_detection(wire: Wire) -> bool:
    return wire.pool == "detection"
