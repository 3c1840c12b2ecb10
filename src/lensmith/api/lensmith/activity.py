"""GET /_lensmith/projects/{project}/versions/{version}/activity?hours=: what a version did.

Detections, their time and the units in service, by minute up to 6 hours, by hour up to 14 days,
else by day. Counts of the present minute are in it.
"""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise
from lensmith.api.lensmith.dataset import number
from lensmith.api.lensmith.project_versions import VERSION_PATH
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.clock import now_ms
from lensmith.domain.metric import HOUR_MS, MetricOwner
from lensmith.metrics.activity import MAX_HOURS, activity, period_of
from lensmith.operations.call import Permission, Service
from lensmith.operations.lensmith.version_training import find_version, to_read

_NEEDED = Permission("cloudwatch:GetMetricData", "*", {}, {})  # reveals the same


def activity_routes(service: Service) -> list[BaseRoute]:
    async def get(request: Request) -> Response:
        path = request.path_params
        given = request.query_params.get("hours", "24")

        def work(principal: Principal, signed: ApiRequest) -> Reply:
            caller = principal.caller
            authorise(principal, [_NEEDED], signed, service.settings)
            version = find_version(service, caller, path["project"], path["version"])
            authorise(principal, [to_read(service, version)], signed, service.settings)
            hours = number(given, "hours", minimum=1, maximum=MAX_HOURS)
            now, period = now_ms(), period_of(hours)
            with service.records.read() as connection:
                periods = activity(
                    connection,
                    MetricOwner(caller.account_id, service.settings.region),
                    (path["project"], version.name),
                    service.calls.minutes_of(version.arn),
                    start_ms=now - hours * HOUR_MS,
                    end_ms=now,
                    period=period,
                )
            found = {"period_seconds": period, "now_ms": now, "periods": periods}
            return Reply(200, msgspec.json.encode(found))

        return await answer_signed(service, request, "GetActivity", work)

    return [Route(f"{VERSION_PATH}/activity", get, methods=["GET"])]
