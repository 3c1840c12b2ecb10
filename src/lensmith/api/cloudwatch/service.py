"""CloudWatch at the same endpoint, signed for the service `monitoring` (api.md 5)."""

from __future__ import annotations

from functools import partial

import structlog
from botocore.model import ListShape, Shape, StructureShape
from starlette.requests import Request

from lensmith.api.app import Lanes
from lensmith.api.authenticate import authenticate
from lensmith.api.authorise import authorise
from lensmith.api.cloudwatch.wire import Refusal, Wire, is_cloudwatch, wire_of
from lensmith.api.dispatch import count_reply
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.cloudwatch_errors import MissingParameterError
from lensmith.domain.errors import InternalServerError, ServiceError
from lensmith.operations.call import Call, Permission, Service
from lensmith.operations.cloudwatch import HANDLERS
from lensmith.wire.cloudwatch_model import input_shape
from lensmith.wire.validate import validate

log = structlog.get_logger(__name__)

SERVICE_NAME = "monitoring"


class CloudWatch:
    """Carries out its calls in the steps of `dispatch`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def serves(self, request: Request) -> bool:
        return is_cloudwatch(request.scope["path"], request.headers)

    async def answer(self, request: ApiRequest, lanes: Lanes) -> Reply:
        return await lanes.control.run(partial(self._answer, request))

    def _answer(self, request: ApiRequest) -> Reply:
        structlog.contextvars.bind_contextvars(request_id=request.request_id)
        wire = wire_of(request)
        try:
            reply = _carry_out(self._service, wire, request)
        except ServiceError as error:
            reply = wire.refusal(Refusal.of(error))
        except Exception:
            log.exception("call failed unexpectedly")
            reply = wire.refusal(Refusal.of(InternalServerError()))
        count_reply(self._service, _name(wire), reply, request.arrived)
        return reply

    def refuse(self, error: ServiceError, request: ApiRequest) -> Reply:
        reply = wire_of(request).refusal(Refusal.of(error))
        with structlog.contextvars.bound_contextvars(request_id=request.request_id):
            count_reply(self._service, "unknown", reply, request.arrived)
        return reply


def _carry_out(service: Service, wire: Wire, request: ApiRequest) -> Reply:
    principal = authenticate(service, request.http, SERVICE_NAME)
    operation = wire.operation
    structlog.contextvars.bind_contextvars(operation=operation, **principal.logged)
    shape = input_shape(operation)
    given = wire.parse(shape)
    missing = first_missing(shape, given)
    if missing:
        raise MissingParameterError(f"The parameter {missing} is required.")
    validate(shape, given)
    permission = Permission(f"cloudwatch:{operation}", "*", {}, {})
    authorise(principal, [permission], request, service.settings)
    call = Call(operation, given, principal.caller, request.request_id)
    return wire.reply(HANDLERS[operation](service, call))


def first_missing(shape: Shape, value: object, path: str = "") -> str | None:
    """The first required member that is not there, as the Query protocol names it."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name in shape.required_members:
            if name not in value:
                return f"{path}{name}"
        inside = [(shape.members[name], value[name], f"{path}{name}.") for name in value]
    elif isinstance(shape, ListShape) and isinstance(value, list):
        inside = [
            (shape.member, element, f"{path}member.{number}.")
            for number, element in enumerate(value, start=1)
        ]
    else:
        return None
    return next((found for each in inside if (found := first_missing(*each))), None)


def _name(wire: Wire) -> str:
    """The operation, for counting: what clients make up is one name."""
    try:
        return wire.operation
    except ServiceError:
        return "unknown"
