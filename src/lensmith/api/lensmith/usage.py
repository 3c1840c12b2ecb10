"""GET /_lensmith/usage: hours run and unit-hours of every version of the caller's account.

Query: `since`, ISO 8601 (all that is kept without it), and `project`, a name.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.errors import InvalidParameterException
from lensmith.domain.metric import MetricOwner
from lensmith.metrics.usage import usage
from lensmith.operations.call import Permission, Service

_NEEDED = Permission("cloudwatch:GetMetricData", "*", {}, {})  # reveals the same, hour by hour


def usage_routes(service: Service) -> list[BaseRoute]:
    async def answer(request: Request) -> Response:
        def work(principal: Principal, signed: ApiRequest) -> Reply:
            authorise(principal, [_NEEDED], signed, service.settings)
            return _usage(service, principal, request.query_params)

        return await answer_signed(service, request, "GetUsage", work)

    return [Route("/_lensmith/usage", answer, methods=["GET"])]


def _usage(service: Service, principal: Principal, asked: QueryParams) -> Reply:
    owner = MetricOwner(principal.caller.account_id, service.settings.region)
    since_ms = _epoch_ms(asked["since"]) if "since" in asked else 0
    with service.records.read() as connection:
        versions = usage(connection, owner, since_ms, asked.get("project"))
    return Reply(200, msgspec.json.encode({"since_ms": since_ms, "versions": versions}))


def _epoch_ms(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
        return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise InvalidParameterException("since must be a time in ISO 8601.") from error
