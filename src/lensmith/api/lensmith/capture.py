"""…/versions/{version}/capture: pictures that a version keeps of its calls.

GET shows settings and use, PUT changes them, DELETE deletes the pictures.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise
from lensmith.api.lensmith.dataset import read_body_as
from lensmith.api.lensmith.project_versions import VERSION_PATH
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.caller import Caller
from lensmith.domain.project_version import ProjectVersion
from lensmith.operations.call import Permission, Service
from lensmith.operations.lensmith import capture
from lensmith.operations.lensmith.capture import CaptureOrder
from lensmith.operations.lensmith.version_training import find_version, to_read

CAPTURE_PATH = f"{VERSION_PATH}/capture"

Needed = Callable[[Caller, ProjectVersion], list[Permission]]
Act = Callable[[Caller, ProjectVersion, bytes], None]


def capture_routes(service: Service) -> list[BaseRoute]:
    routes = CaptureRoutes(service)
    return [
        Route(CAPTURE_PATH, routes.get, methods=["GET"]),
        Route(CAPTURE_PATH, routes.put, methods=["PUT"]),
        Route(CAPTURE_PATH, routes.delete, methods=["DELETE"]),
    ]


class CaptureRoutes:
    def __init__(self, service: Service) -> None:
        self._service = service

    async def get(self, request: Request) -> Response:
        def needed(_: Caller, version: ProjectVersion) -> list[Permission]:
            return [to_read(self._service, version)]

        return await self._respond(request, "GetCapture", needed)

    async def put(self, request: Request) -> Response:
        def needed(caller: Caller, version: ProjectVersion) -> list[Permission]:
            return capture.to_change(self._service, caller, version)

        def change(caller: Caller, version: ProjectVersion, body: bytes) -> None:
            order = read_body_as(body, CaptureOrder)
            capture.change_capture(self._service, caller, version, order)

        return await self._respond(request, "PutCapture", needed, change)

    async def delete(self, request: Request) -> Response:
        def needed(caller: Caller, version: ProjectVersion) -> list[Permission]:
            return capture.to_empty(self._service, caller, version)

        def empty(_: Caller, version: ProjectVersion, __: bytes) -> None:
            capture.empty_capture(self._service, version)

        return await self._respond(request, "EmptyCapture", needed, empty)

    async def _respond(
        self, request: Request, operation: str, needed: Needed, act: Act | None = None
    ) -> Response:
        service, path = self._service, request.path_params

        def work(principal: Principal, sent: ApiRequest) -> Reply:
            caller = principal.caller
            version = find_version(service, caller, path["project"], path["version"])
            authorise(principal, needed(caller, version), sent, service.settings)
            if act is not None:
                act(caller, version, sent.http.body)
            state = capture.show_capture(service, caller, version)
            return Reply(200, msgspec.json.encode(state))

        return await answer_signed(service, request, operation, work)
