"""/_lensmith/projects/{project}/versions/{version}/…: training and model of a version.

GET training: a `TrainingState`; POST cancel: ends the training and answers the same; GET model:
a zip of the model, float32 or in another `format`.
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
from lensmith.api.lensmith.signed import Answer, Download, answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.precision import ExportFormat
from lensmith.domain.project_version import ProjectVersion
from lensmith.operations.call import Permission, Service
from lensmith.operations.lensmith import version_training

VERSION_PATH = "/_lensmith/projects/{project}/versions/{version}"

Needed = Callable[[Service, ProjectVersion], Permission]
Action = Callable[[Service, ProjectVersion], Answer]


def project_version_routes(service: Service) -> list[BaseRoute]:
    versions = ProjectVersions(service)
    return [
        Route(f"{VERSION_PATH}/training", versions.training, methods=["GET"]),
        Route(f"{VERSION_PATH}/cancel", versions.cancel, methods=["POST"]),
        Route(f"{VERSION_PATH}/model", versions.model, methods=["GET"]),
    ]


class ProjectVersions:
    def __init__(self, service: Service) -> None:
        self._service = service

    async def training(self, request: Request) -> Response:
        return await self._respond(request, "GetTraining", version_training.to_read, _training)

    async def cancel(self, request: Request) -> Response:
        return await self._respond(request, "CancelTraining", version_training.to_cancel, _cancel)

    async def model(self, request: Request) -> Response:
        wanted = request.query_params.get("format", ExportFormat.FLOAT32)
        action = partial(_model, wanted=wanted)
        return await self._respond(request, "ExportModel", version_training.to_export, action)

    async def _respond(
        self, request: Request, operation: str, needed: Needed, action: Action
    ) -> Response:
        service = self._service
        project, name = request.path_params["project"], request.path_params["version"]

        def work(principal: Principal, signed: ApiRequest) -> Answer:
            version = version_training.find_version(service, principal.caller, project, name)
            authorise(principal, [needed(service, version)], signed, service.settings)
            return action(service, version)

        return await answer_signed(service, request, operation, work)


def _training(service: Service, version: ProjectVersion) -> Reply:
    return Reply(200, msgspec.json.encode(version_training.training_state(service, version)))


def _cancel(service: Service, version: ProjectVersion) -> Reply:
    return Reply(200, msgspec.json.encode(version_training.cancel(service, version)))


def _model(service: Service, version: ProjectVersion, wanted: str) -> Download:
    parts = version_training.model_archive(service, version, wanted)
    return Download(f"{version.name}.zip", "application/zip", parts)
