"""/_lensmith/projects/{name}/health: POST starts a check, GET tells how far it is.

Both are signed as calls of the AWS API are, for the service `rekognition`, and answer a
`HealthState` as JSON; errors look as they do there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import anyio.to_thread
import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.app import read_body, received
from lensmith.api.authenticate import authenticate
from lensmith.api.authorise import authorise
from lensmith.api.dispatch import log_reply, refusal
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.caller import Caller
from lensmith.domain.errors import (
    InternalServerError,
    RequestEntityTooLargeException,
    ServiceError,
)
from lensmith.operations.call import Service
from lensmith.operations.dataset_health import (
    HealthState,
    Subject,
    find_subject,
    health_state,
    permissions,
    start_check,
)

HEALTH_PATH = "/_lensmith/projects/{name}/health"

Action = Callable[[Caller, Subject], HealthState]

log = structlog.get_logger(__name__)


def dataset_health_routes(service: Service) -> list[BaseRoute]:
    health = DatasetHealth(service)
    return [
        Route(HEALTH_PATH, health.post, methods=["POST"]),
        Route(HEALTH_PATH, health.get, methods=["GET"]),
    ]


class DatasetHealth:
    def __init__(self, service: Service) -> None:
        self._service = service

    async def post(self, request: Request) -> Response:
        """Start a check unless one is under way; 202 either way."""
        action = partial(start_check, self._service)
        return await self._respond(request, "CheckHealth", action, 202)

    async def get(self, request: Request) -> Response:
        def action(_: Caller, subject: Subject) -> HealthState:
            return health_state(self._service, subject)

        return await self._respond(request, "GetHealth", action, 200)

    async def _respond(self, request: Request, name: str, action: Action, status: int) -> Response:
        arrived = time.perf_counter()
        try:
            body = await read_body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        except RequestEntityTooLargeException as error:
            return _response(refusal(error, request.state.request_id))
        asked = received(request, body, arrived)
        answer = partial(self._answer, asked, request.path_params["name"], name, action, status)
        return _response(await anyio.to_thread.run_sync(answer))

    def _answer(
        self, request: ApiRequest, project_name: str, operation: str, action: Action, status: int
    ) -> Reply:
        structlog.contextvars.bind_contextvars(request_id=request.request_id, operation=operation)
        try:
            reply = Reply(status, self._carry_out(request, project_name, action))
        except ServiceError as error:
            reply = refusal(error, request.request_id)
        except Exception:
            log.exception("call failed unexpectedly")
            reply = refusal(InternalServerError(), request.request_id)
        log_reply(reply, request.arrived)
        return reply

    def _carry_out(self, request: ApiRequest, project_name: str, action: Action) -> bytes:
        principal = authenticate(self._service, request.http)
        structlog.contextvars.bind_contextvars(caller=principal.caller.arn)
        subject = find_subject(self._service, principal.caller, project_name)
        needed = permissions(self._service, subject)
        authorise(principal, needed, request, self._service.settings)
        return msgspec.json.encode(action(principal.caller, subject))


def _response(reply: Reply) -> Response:
    headers = {"x-amzn-ErrorType": reply.error_code} if reply.error_code else {}
    return Response(reply.body, reply.status, headers, media_type="application/json")
