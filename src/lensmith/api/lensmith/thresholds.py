"""/_lensmith/projects/{project}/versions/{version}/thresholds: a version's own thresholds.

GET: the assumed threshold of each label and the own one. PUT: set own ones, which
DetectCustomLabels uses without MinConfidence. DELETE: go back to the assumed ones.
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
from lensmith.api.lensmith.project_versions import VERSION_PATH, Needed
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.project_version import ProjectVersion
from lensmith.operations.call import Service
from lensmith.operations.lensmith import thresholds
from lensmith.operations.lensmith.thresholds import ThresholdsOrder
from lensmith.operations.lensmith.version_training import find_version, to_read

Change = Callable[[ProjectVersion, bytes], None]


def thresholds_routes(service: Service) -> list[BaseRoute]:
    async def respond(request: Request, operation: str, needed: Needed, change: Change) -> Response:
        path = request.path_params

        def work(principal: Principal, sent: ApiRequest) -> Reply:
            caller = principal.caller
            version = find_version(service, caller, path["project"], path["version"])
            authorise(principal, [needed(service, version)], sent, service.settings)
            change(version, sent.http.body)
            now = find_version(service, caller, path["project"], path["version"])
            return Reply(200, msgspec.json.encode(thresholds.show_thresholds(service, now)))

        return await answer_signed(service, request, operation, work)

    async def get(request: Request) -> Response:
        return await respond(request, "GetThresholds", to_read, lambda _version, _body: None)

    async def put(request: Request) -> Response:
        def change(version: ProjectVersion, body: bytes) -> None:
            thresholds.set_thresholds(service, version, read_body_as(body, ThresholdsOrder))

        return await respond(request, "PutThresholds", thresholds.to_change, change)

    async def delete(request: Request) -> Response:
        def change(version: ProjectVersion, _body: bytes) -> None:
            thresholds.forget_thresholds(service, version)

        return await respond(request, "DeleteThresholds", thresholds.to_change, change)

    return [
        Route(f"{VERSION_PATH}/thresholds", get, methods=["GET"]),
        Route(f"{VERSION_PATH}/thresholds", put, methods=["PUT"]),
        Route(f"{VERSION_PATH}/thresholds", delete, methods=["DELETE"]),
    ]
