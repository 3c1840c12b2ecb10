"""CloudWatch's operations: GetMetricData, GetMetricStatistics, ListMetrics."""

from __future__ import annotations

from typing import Any

from lensmith.domain.clock import now_ms
from lensmith.domain.cloudwatch_errors import InvalidNextTokenError, InvalidParameterValueError
from lensmith.domain.errors import InvalidPaginationTokenException
from lensmith.domain.metric import MetricOwner
from lensmith.metrics import listing, metric_data
from lensmith.metrics.metric_statistics import metric_statistics
from lensmith.metrics.request import data_request
from lensmith.operations import page
from lensmith.operations.call import Call, Operation, Permission, Service, blocking


def get_metric_data(service: Service, call: Call) -> dict[str, Any]:
    request = data_request(call.request)
    try:
        begin = page.start(service, call) or 0
    except InvalidPaginationTokenException as error:
        raise InvalidNextTokenError from error
    with service.records.read() as connection:
        results = metric_data.metric_data(connection, owner_of(service, call), request)
    shown, following = metric_data.page(results, begin, request.max_datapoints)
    token = page.next_token(service, call, following)
    return {"MetricDataResults": shown, "Messages": [], **token}


def get_metric_statistics(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        return metric_statistics(connection, owner_of(service, call), call.request)


def list_metrics(service: Service, call: Call) -> dict[str, Any]:
    try:
        after_id = page.start(service, call)
    except InvalidPaginationTokenException as error:
        raise InvalidParameterValueError("The parameter NextToken is not valid.") from error
    with service.records.read() as connection:
        answer, following = listing.list_metrics(
            connection, owner_of(service, call), call.request, after_id=after_id, now_ms=now_ms()
        )
    return {**answer, **page.next_token(service, call, following)}


def owner_of(service: Service, call: Call) -> MetricOwner:
    return MetricOwner(call.caller.account_id, service.settings.region)


def _permissions(_: Service, call: Call) -> list[Permission]:
    return [Permission(f"cloudwatch:{call.operation}", "*", {}, {})]


_ROWS = (
    Operation("GetMetricData", _permissions, blocking(get_metric_data)),
    Operation("GetMetricStatistics", _permissions, blocking(get_metric_statistics)),
    Operation("ListMetrics", _permissions, blocking(list_metrics)),
)

OPERATIONS: dict[str, Operation] = {row.name: row for row in _ROWS}
