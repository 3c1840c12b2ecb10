"""/_lensmith/projects/{project}/versions/{version}/variants: a model in other precisions.

GET: the variants with their accuracy, the one that is served, and its speed at the units' start.
"""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise
from lensmith.api.lensmith.project_versions import VERSION_PATH
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.operations.call import Service
from lensmith.operations.lensmith.variants import show_variants
from lensmith.operations.lensmith.version_training import find_version, to_read


def variants_routes(service: Service) -> list[BaseRoute]:
    async def get(request: Request) -> Response:
        path = request.path_params

        def work(principal: Principal, sent: ApiRequest) -> Reply:
            version = find_version(service, principal.caller, path["project"], path["version"])
            authorise(principal, [to_read(service, version)], sent, service.settings)
            return Reply(200, msgspec.json.encode(show_variants(service, version)))

        return await answer_signed(service, request, "GetVariants", work)

    return [Route(f"{VERSION_PATH}/variants", get, methods=["GET"])]
