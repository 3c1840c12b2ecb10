"""/_lensmith/tasks/{id}: GET returns a task's progress, DELETE cancels it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.caller import Caller
from lensmith.domain.job import Job
from lensmith.operations.call import Service
from lensmith.operations.lensmith.tasks import Task, cancel_task, find_task, show_task, to_follow

TASK_PATH = "/_lensmith/tasks/{id}"


def tasks_routes(service: Service) -> list[BaseRoute]:
    async def respond(
        request: Request, operation: str, act: Callable[[Caller, Job], Task]
    ) -> Response:
        def work(principal: Principal, sent: ApiRequest) -> Reply:
            job = find_task(service, principal.caller, request.path_params["id"])
            authorise(principal, [to_follow(service, job)], sent, service.settings)
            return Reply(200, msgspec.json.encode(act(principal.caller, job)))

        return await answer_signed(service, request, operation, work)

    async def get(request: Request) -> Response:
        return await respond(request, "GetTask", lambda _, job: show_task(service, job))

    async def cancel(request: Request) -> Response:
        return await respond(
            request, "CancelTask", lambda caller, job: cancel_task(service, caller, job)
        )

    return [
        Route(TASK_PATH, get, methods=["GET"]),
        Route(TASK_PATH, cancel, methods=["DELETE"]),
    ]
