"""POST /_lensmith/imports: a dataset from a folder in S3, a manifest or another format; a task."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise
from lensmith.api.lensmith.dataset import read_body_as
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.operations.call import Call, Service
from lensmith.operations.lensmith.datasets import find_project
from lensmith.operations.lensmith.imports import ImportOrder, permissions, start_import
from lensmith.operations.permissions import to_act_on


def imports_routes(service: Service) -> list[BaseRoute]:
    async def post(request: Request) -> Response:
        def work(principal: Principal, sent: ApiRequest) -> Reply:
            order = read_body_as(sent.http.body, ImportOrder)
            project = find_project(service, principal.caller, order.project)
            creating = to_act_on(service, "CreateDataset", project.arn)
            authorise(principal, [creating], sent, service.settings)
            needed = permissions(service, principal.caller, project, order)
            authorise(principal, needed, sent, service.settings)
            call = Call("ImportDataset", {}, principal.caller, sent.request_id)
            job_id = start_import(service, call, project, order)
            return Reply(202, msgspec.json.encode({"task": str(job_id)}))

        return await answer_signed(service, request, "ImportDataset", work)

    return [Route("/_lensmith/imports", post, methods=["POST"])]
