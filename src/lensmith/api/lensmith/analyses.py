"""/_lensmith/projects/{project}/versions/{version}/analyses: detections in folders of the store.

POST starts one, a task; GET lists the newest. DELETE of its task cancels it.
"""

from __future__ import annotations

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
from lensmith.operations.call import Call, Service
from lensmith.operations.lensmith import analyses
from lensmith.operations.lensmith.analyses import AnalysisOrder
from lensmith.operations.lensmith.version_training import find_version


def analyses_routes(service: Service) -> list[BaseRoute]:
    async def post(request: Request) -> Response:
        path = request.path_params

        def work(principal: Principal, sent: ApiRequest) -> Reply:
            caller = principal.caller
            order = read_body_as(sent.http.body, AnalysisOrder)
            version = find_version(service, caller, path["project"], path["version"])
            authorise(principal, [analyses.to_follow(service, version)], sent, service.settings)
            output = analyses.find_output(service, caller, version, order)
            needed = analyses.permissions(service, version, order, output)
            authorise(principal, needed, sent, service.settings)
            call = Call("AnalyzeFolder", {}, caller, sent.request_id)
            job_id = analyses.start_analysis(service, call, version, order, output)
            return Reply(202, msgspec.json.encode({"task": str(job_id)}))

        return await answer_signed(service, request, "AnalyzeFolder", work)

    async def get(request: Request) -> Response:
        path = request.path_params

        def work(principal: Principal, sent: ApiRequest) -> Reply:
            version = find_version(service, principal.caller, path["project"], path["version"])
            needed = [analyses.to_follow(service, version)]
            authorise(principal, needed, sent, service.settings)
            found = analyses.list_analyses(service, version)
            return Reply(200, msgspec.json.encode({"analyses": found}))

        return await answer_signed(service, request, "ListAnalyses", work)

    return [
        Route(f"{VERSION_PATH}/analyses", post, methods=["POST"]),
        Route(f"{VERSION_PATH}/analyses", get, methods=["GET"]),
    ]
