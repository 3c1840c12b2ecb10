"""/_lensmith/projects/{project}/versions/{version}/units: the inference units of one version.

GET: how many it was given, should have and has. POST: gives it others without a restart; the body
has StartProjectVersion's MinInferenceUnits and MaxInferenceUnits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise
from lensmith.api.lensmith.project_versions import VERSION_PATH, Needed
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.operations import hosting
from lensmith.operations.call import Call, Service
from lensmith.operations.lensmith import version_training
from lensmith.wire import service_model
from lensmith.wire.json_protocol import parse_request
from lensmith.wire.validate import validate


def inference_units_routes(service: Service) -> list[BaseRoute]:
    units = InferenceUnits(service)
    return [
        Route(f"{VERSION_PATH}/units", units.get, methods=["GET"]),
        Route(f"{VERSION_PATH}/units", units.post, methods=["POST"]),
    ]


class InferenceUnits:
    def __init__(self, service: Service) -> None:
        self._service = service

    async def get(self, request: Request) -> Response:
        def work(principal: Principal, signed: ApiRequest) -> Reply:
            return self._shown(self._call(request, principal, signed, {}, version_training.to_read))

        return await answer_signed(self._service, request, "GetInferenceUnits", work)

    async def post(self, request: Request) -> Response:
        shape = service_model.input_shape("StartProjectVersion")

        def work(principal: Principal, signed: ApiRequest) -> Reply:
            given = parse_request(shape, signed.http.body)
            call = self._call(request, principal, signed, given, version_training.to_resize)
            validate(shape, call.request)
            hosting.resize_project_version(self._service, call)
            return self._shown(call)

        return await answer_signed(self._service, request, "ResizeProjectVersion", work)

    def _call(
        self,
        request: Request,
        principal: Principal,
        signed: ApiRequest,
        given: Mapping[str, Any],
        needed: Needed,
    ) -> Call:
        """Authorise a call on the version that the path names, and return it."""
        service, path = self._service, request.path_params
        version = version_training.find_version(
            service, principal.caller, path["project"], path["version"]
        )
        authorise(principal, [needed(service, version)], signed, service.settings)
        members = {**given, "ProjectVersionArn": version.arn}
        return Call("ResizeProjectVersion", members, principal.caller, signed.request_id)

    def _shown(self, call: Call) -> Reply:
        return Reply(200, msgspec.json.encode(hosting.inference_units(self._service, call)))
