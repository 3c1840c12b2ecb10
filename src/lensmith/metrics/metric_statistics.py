"""GetMetricStatistics: computes statistics of one metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from lensmith.domain.cloudwatch_errors import (
    InvalidParameterCombinationError,
    InvalidParameterValueError,
)
from lensmith.domain.metric import Datapoint, MetricName, MetricOwner
from lensmith.metrics.request import is_period, read_metric, read_span
from lensmith.metrics.series import Span, Statistic
from lensmith.store.records import metric_points

MAX_DATAPOINTS = 1440


def metric_statistics(
    connection: Connection, owner: MetricOwner, request: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the members of the answer, datapoints oldest first.

    Raises InvalidParameterValueError or InvalidParameterCombinationError.
    """
    span, period, statistics = _span(request), request["Period"], _statistics(request)
    try:
        metric = read_metric(request, request.get("Unit"))
    except ValueError as error:
        raise InvalidParameterValueError(f"In parameter Dimensions {error}.") from error
    if metric is None:
        return {"Label": request["MetricName"], "Datapoints": []}
    points = metric_points.by_period(
        connection,
        owner,
        metric,
        start_ms=span.start * 1000,
        end_ms=span.end * 1000,
        period=period,
    )
    return {
        "Label": metric.name,
        "Datapoints": [
            _datapoint(point, statistics, MetricName(metric.name).unit) for point in points
        ],
    }


def _span(request: Mapping[str, Any]) -> Span:
    span, period = read_span(request), request["Period"]
    if span is None:
        raise InvalidParameterValueError(
            "The parameter StartTime must be less than the parameter EndTime."
        )
    if not is_period(period):
        raise InvalidParameterValueError(
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60."
        )
    aligned = span.aligned(period)
    datapoints = -(-(aligned.end - aligned.start) // period)
    if datapoints > MAX_DATAPOINTS:
        raise InvalidParameterCombinationError(
            f"You have requested up to {datapoints:,} datapoints, which exceeds the limit of "
            f"{MAX_DATAPOINTS:,}. You may reduce the datapoints requested by increasing Period, "
            "or decreasing the time range."
        )
    return aligned


def _statistics(request: Mapping[str, Any]) -> list[Statistic]:
    if "ExtendedStatistics" in request:
        raise InvalidParameterValueError(
            "ExtendedStatistics are not supported; percentiles are not kept."
        )
    if "Statistics" not in request:
        raise InvalidParameterCombinationError(
            "At least one of the parameters Statistics and ExtendedStatistics must be specified."
        )
    return [Statistic(name) for name in request["Statistics"]]


def _datapoint(point: Datapoint, statistics: list[Statistic], unit: str) -> dict[str, Any]:
    values = {statistic.value: statistic.of(point.statistics) for statistic in statistics}
    return {"Timestamp": point.start_ms / 1000, **values, "Unit": unit}
