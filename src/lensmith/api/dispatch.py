"""From a request to its reply: the steps in their order (api.md 1.5)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias, TypeVar

import structlog

from lensmith.api.authenticate import Principal, authenticate
from lensmith.api.authorise import authorise
from lensmith.api.body import LARGE_BODY
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.errors import (
    InternalServerError,
    OperationError,
    ServiceError,
    UnknownOperationException,
)
from lensmith.domain.metric import MetricOwner
from lensmith.metrics.calls import CallOutcome
from lensmith.operations.call import (
    Aside,
    AwaitedOperation,
    Call,
    Operation,
    Rest,
    Service,
)
from lensmith.store.records.record_cache import CacheMiss
from lensmith.wire import service_model
from lensmith.wire.json_protocol import parse_request, serialize_error, serialize_response
from lensmith.wire.validate import validate

log = structlog.get_logger(__name__)

T = TypeVar("T")
AnyOperation: TypeAlias = Operation | AwaitedOperation


class UnmodelledError(Exception):
    """An operation raised an error that the service model does not list for it: our defect."""


def answer(service: Service, operations: Mapping[str, AnyOperation], request: ApiRequest) -> Reply:
    """Carry out a call, whatever happens, and log it once. Blocks; runs in a thread."""
    structlog.contextvars.bind_contextvars(request_id=request.request_id)
    try:
        reply = Reply(200, _carry_out(service, operations, request))
    except Exception as error:  # noqa: BLE001 - the edge of a call
        reply = _failed(error, request)
    count_reply(service, _name(request), reply, request.arrived)
    return reply


async def answer_awaited(
    service: Service, operation: AwaitedOperation, request: ApiRequest, aside: Aside
) -> Reply:
    """As `answer`, in the event loop; only what would hold up others goes aside."""
    structlog.contextvars.bind_contextvars(request_id=request.request_id, operation=operation.name)
    try:
        reply = Reply(200, await _see_through(service, operation, request, aside))
    except Exception as error:  # noqa: BLE001 - the edge of a call
        reply = _failed(error, request)
    count_reply(service, operation.name, reply, request.arrived)
    return reply


def awaited(operations: Mapping[str, AnyOperation], request: ApiRequest) -> AwaitedOperation | None:
    """The operation that a request asks for, where it is one for the event loop."""
    operation = operations.get(_name(request))
    return operation if isinstance(operation, AwaitedOperation) else None


def refuse(service: Service, error: ServiceError, request: ApiRequest) -> Reply:
    """Refuse a call before it was worth a thread, and log it once."""
    reply = refusal(error, request.request_id)
    with structlog.contextvars.bound_contextvars(request_id=request.request_id):
        count_reply(service, _name(request), reply, request.arrived)
    return reply


def refusal(error: ServiceError, request_id: str) -> Reply:
    """The reply that tells a client of an error."""
    return Reply(error.status, serialize_error(error, request_id), error.code)


def count_reply(service: Service, operation: str, reply: Reply, arrived: float) -> None:
    """Log a call of the AWS API, and count it."""
    seconds = time.perf_counter() - arrived
    service.calls.answered(operation, CallOutcome.of(reply.status, reply.error_code), seconds)
    log_reply(reply, arrived)


def log_reply(reply: Reply, arrived: float) -> None:
    """One line a call; request id, operation and caller come from the context."""
    duration_ms = round((time.perf_counter() - arrived) * 1000, 1)
    log.info("call", status=reply.status, error=reply.error_code, duration_ms=duration_ms)


def _failed(error: Exception, request: ApiRequest) -> Reply:
    if isinstance(error, ServiceError):
        return refusal(error, request.request_id)
    log.error("call failed unexpectedly", exc_info=error)
    return refusal(InternalServerError(), request.request_id)


def _carry_out(
    service: Service, operations: Mapping[str, AnyOperation], request: ApiRequest
) -> bytes:
    operation = _operation(operations, request)
    sent = _verified(service, operation, request)
    structlog.contextvars.bind_contextvars(**sent.principal.logged)
    with _counted(service, operation, sent, request):
        call = _permitted(service, operation, sent, request)
        with _only_modelled_errors(operation):
            result = operation.handle(service, call)
        return serialize_response(service_model.output_shape(operation.name), result)


async def _see_through(
    service: Service, operation: AwaitedOperation, request: ApiRequest, aside: Aside
) -> bytes:
    to_hash = request.http.body if request.http.body_sha256 is None else b""
    soon = (
        aside if len(to_hash) > LARGE_BODY else partial(_soon, service.records.cache_only(), aside)
    )
    sent = await soon(partial(_verified, service, operation, request))
    structlog.contextvars.bind_contextvars(**sent.principal.logged)
    with _counted(service, operation, sent, request):
        rest = await soon(partial(_begun, service, operation, sent, request))
        with _only_modelled_errors(operation):
            result = await rest(aside)
        return serialize_response(service_model.output_shape(operation.name), result)


async def _soon(
    cache_only: Callable[[], AbstractContextManager[None]], aside: Aside, work: Callable[[], T]
) -> T:
    """Here, unless the records must be read for it: others wait meanwhile."""
    try:
        with cache_only():
            return work()
    except CacheMiss:
        return await aside(work)


@dataclass(frozen=True, slots=True)
class _Sent:
    """What was sent, and by whom."""

    given: Mapping[str, Any]
    principal: Principal


def _verified(service: Service, operation: AnyOperation, request: ApiRequest) -> _Sent:
    given = parse_request(service_model.input_shape(operation.name), request.http.body)
    return _Sent(given, authenticate(service, request.http))


def _permitted(service: Service, operation: AnyOperation, sent: _Sent, request: ApiRequest) -> Call:
    validate(service_model.input_shape(operation.name), sent.given)
    call = Call(operation.name, sent.given, sent.principal.caller, request.request_id)
    with _only_modelled_errors(operation):
        permissions = operation.permissions(service, call)
        authorise(sent.principal, permissions, request, service.settings)
    return call


def _begun(service: Service, operation: AwaitedOperation, sent: _Sent, request: ApiRequest) -> Rest:
    call = _permitted(service, operation, sent, request)
    with _only_modelled_errors(operation):
        return operation.begin(service, call)


def _counted(
    service: Service, operation: AnyOperation, sent: _Sent, request: ApiRequest
) -> AbstractContextManager[None]:
    owner = MetricOwner(sent.principal.caller.account_id, service.settings.region)
    return service.calls.measured(owner, operation.name, since=request.arrived)


def _name(request: ApiRequest) -> str:
    """The operation, for counting: what clients make up is one name."""
    try:
        return service_model.operation_named_by(request.target)
    except UnknownOperationException:
        return "unknown"


def _operation(operations: Mapping[str, AnyOperation], request: ApiRequest) -> Operation:
    name = service_model.operation_named_by(request.target)
    structlog.contextvars.bind_contextvars(operation=name)
    operation = operations.get(name)
    if not isinstance(operation, Operation):
        raise UnknownOperationException(f"Operation {name} is not offered by this server.")
    return operation


@contextmanager
def _only_modelled_errors(operation: AnyOperation) -> Iterator[None]:
    try:
        yield
    except OperationError as error:
        if error.code not in service_model.error_codes(operation.name):
            raise UnmodelledError(f"{operation.name} must not answer {error.code}") from error
        raise
