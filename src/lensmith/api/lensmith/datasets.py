"""GET /_lensmith/datasets: every dataset of the account that the caller may describe."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise, is_authorised
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.operations.call import Service
from lensmith.operations.lensmith.datasets import list_datasets, to_describe_all


def datasets_routes(service: Service) -> list[BaseRoute]:
    async def answer(request: Request) -> Response:
        def work(principal: Principal, sent: ApiRequest) -> Reply:
            authorise(principal, [to_describe_all()], sent, service.settings)
            shown = list_datasets(
                service,
                principal.caller,
                lambda needed: is_authorised(principal, needed, sent, service.settings),
            )
            return Reply(200, msgspec.json.encode({"datasets": shown}))

        return await answer_signed(service, request, "ListDatasets", work)

    return [Route("/_lensmith/datasets", answer, methods=["GET"])]
