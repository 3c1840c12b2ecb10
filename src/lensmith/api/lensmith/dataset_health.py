"""/_lensmith/projects/{project}/health: POST starts a check, GET returns its state.

Both are signed as calls of the AWS API are, for the service `rekognition`, and answer a
`HealthState` as JSON; errors look as they do there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.caller import Caller
from lensmith.operations.call import Service
from lensmith.operations.lensmith.dataset_health import (
    HealthState,
    Subject,
    find_subject,
    health_state,
    permissions,
    start_check,
)

HEALTH_PATH = "/_lensmith/projects/{project}/health"

Action = Callable[[Caller, Subject], HealthState]


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
        def work(principal: Principal, signed: ApiRequest) -> Reply:
            subject = find_subject(self._service, principal.caller, request.path_params["project"])
            needed = permissions(self._service, subject)
            authorise(principal, needed, signed, self._service.settings)
            return Reply(status, msgspec.json.encode(action(principal.caller, subject)))

        return await answer_signed(self._service, request, name, work)
