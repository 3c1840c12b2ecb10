"""POST /_lensmith/examples/{name}: an example project with its pictures; a task."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.operations.call import Call, Service
from lensmith.operations.lensmith.examples import permissions, start_example

EXAMPLE_PATH = "/_lensmith/examples/{name}"


def examples_routes(service: Service) -> list[BaseRoute]:
    async def post(request: Request) -> Response:
        def work(principal: Principal, sent: ApiRequest) -> Reply:
            name = request.path_params["name"]
            needed = permissions(service, principal.caller, name)
            authorise(principal, needed, sent, service.settings)
            call = Call("CreateExample", {}, principal.caller, sent.request_id)
            return Reply(202, msgspec.json.encode(start_example(service, call, name)))

        return await answer_signed(service, request, "CreateExample", work)

    return [Route(EXAMPLE_PATH, post, methods=["POST"])]
