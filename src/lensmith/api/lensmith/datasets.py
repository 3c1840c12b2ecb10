"""GET /_lensmith/datasets: datasets of the account that the caller may describe, by pages.

It takes `limit`, `token` (`next` of the page before) and `project` (a name: its datasets only).
"""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise, is_authorised
from lensmith.api.lensmith.dataset import number
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.errors import InvalidParameterException
from lensmith.operations.call import Call, Service
from lensmith.operations.lensmith.datasets import list_datasets, to_describe_all

MAX_DATASETS = 500  # of one page
_USUAL = "100"
_PARAMETERS = frozenset({"limit", "token", "project"})


def datasets_routes(service: Service) -> list[BaseRoute]:
    async def answer(request: Request) -> Response:
        def work(principal: Principal, sent: ApiRequest) -> Reply:
            authorise(principal, [to_describe_all()], sent, service.settings)
            given = request.query_params
            unknown = sorted(given.keys() - _PARAMETERS)
            if unknown:
                raise InvalidParameterException(f"There is no parameter {unknown[0]}.")
            limit = number(given.get("limit", _USUAL), "limit", minimum=1, maximum=MAX_DATASETS)
            asked = {"NextToken": given.get("token"), "project": given.get("project")}
            call = Call("ListDatasets", asked, principal.caller, sent.request_id)
            shown = list_datasets(
                service,
                call,
                limit,
                lambda needed: is_authorised(principal, needed, sent, service.settings),
            )
            return Reply(200, msgspec.json.encode(shown))

        return await answer_signed(service, request, "ListDatasets", work)

    return [Route("/_lensmith/datasets", answer, methods=["GET"])]
