"""From a request to its reply: the steps in their order (api.md 1.5)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import structlog

from lensmith.api.authenticate import authenticate
from lensmith.api.authorise import authorise
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.errors import (
    InternalServerError,
    OperationError,
    ServiceError,
    UnknownOperationException,
)
from lensmith.domain.metric import MetricOwner
from lensmith.metrics.calls import Outcome
from lensmith.operations.call import Call, Operation, Service
from lensmith.wire import service_model
from lensmith.wire.json_protocol import parse_request, serialize_error, serialize_response
from lensmith.wire.validate import validate

log = structlog.get_logger(__name__)


class UnmodelledError(Exception):
    """An operation raised an error that the service model does not list for it: our defect."""


def answer(service: Service, operations: Mapping[str, Operation], request: ApiRequest) -> Reply:
    """Carry out a call, whatever happens, and log it once. Blocks; runs in a thread."""
    structlog.contextvars.bind_contextvars(request_id=request.request_id)
    try:
        reply = Reply(200, _carry_out(service, operations, request))
    except ServiceError as error:
        reply = refusal(error, request.request_id)
    except Exception:
        log.exception("call failed unexpectedly")
        reply = refusal(InternalServerError(), request.request_id)
    count_reply(service, _name(request), reply, request.arrived)
    return reply


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
    service.calls.answered(operation, Outcome.of(reply.status, reply.error_code), seconds)
    log_reply(reply, arrived)


def log_reply(reply: Reply, arrived: float) -> None:
    """One line a call; request id, operation and caller come from the context."""
    duration_ms = round((time.perf_counter() - arrived) * 1000, 1)
    log.info("call", status=reply.status, error=reply.error_code, duration_ms=duration_ms)


def _carry_out(service: Service, operations: Mapping[str, Operation], request: ApiRequest) -> bytes:
    operation = _operation(operations, request)
    given = parse_request(service_model.input_shape(operation.name), request.http.body)
    principal = authenticate(service, request.http)
    structlog.contextvars.bind_contextvars(caller=principal.caller.arn)
    owner = MetricOwner(principal.caller.account_id, service.settings.region)
    with service.calls.measured(owner, operation.name, since=request.arrived):
        validate(service_model.input_shape(operation.name), given)
        call = Call(operation.name, given, principal.caller, request.request_id)
        with _only_modelled_errors(operation.name):
            authorise(principal, operation.permissions(service, call), request, service.settings)
            result = operation.handle(service, call)
        return serialize_response(service_model.output_shape(operation.name), result)


def _name(request: ApiRequest) -> str:
    """The operation, for counting: what clients make up is one name."""
    try:
        return service_model.operation_named_by(request.target)
    except UnknownOperationException:
        return "unknown"


def _operation(operations: Mapping[str, Operation], request: ApiRequest) -> Operation:
    name = service_model.operation_named_by(request.target)
    structlog.contextvars.bind_contextvars(operation=name)
    operation = operations.get(name)
    if operation is None:
        raise UnknownOperationException(f"Operation {name} is not offered by this server.")
    return operation


@contextmanager
def _only_modelled_errors(operation: str) -> Iterator[None]:
    try:
        yield
    except OperationError as error:
        if error.code not in service_model.error_codes(operation):
            raise UnmodelledError(f"{operation} must not answer {error.code}") from error
        raise
