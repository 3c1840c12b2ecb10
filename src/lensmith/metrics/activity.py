"""Sums up a version: detections, their time, units in service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from lensmith.domain.metric import (
    Datapoint,
    Metric,
    MetricName,
    MetricOwner,
    StatisticSet,
)
from lensmith.store.records import metric_points

MAX_HOURS = 90 * 24
_PERIODS = {6: 60, 14 * 24: 3600, MAX_HOURS: 24 * 3600}  # hours shown: seconds of a period
_REQUESTS = (
    MetricName.SUCCESSFUL_REQUESTS,
    MetricName.THROTTLED,
    MetricName.USER_ERRORS,
    MetricName.SERVER_ERRORS,
)


@dataclass(frozen=True, slots=True)
class Activity:
    """One period of a version's metrics."""

    start_ms: int
    requests: int = 0  # answered
    throttled: int = 0
    errors: int = 0  # of the caller or of the server
    mean_ms: float | None = None  # of a detection; None without one
    max_ms: float | None = None
    units: float | None = None  # in service, on average; None while it did not run
    minutes: int = 0  # that it ran


def activity(
    connection: Connection,
    owner: MetricOwner,
    names: tuple[str, str],
    unwritten: Iterable[tuple[Metric, Datapoint]],
    *,
    start_ms: int,
    end_ms: int,
    period: int,
) -> list[Activity]:
    """Return the periods in which something happened, oldest first.

    `names` are project and version, `unwritten` measurements of the present minute, `period`
    seconds.
    """
    points: dict[tuple[str, int], StatisticSet] = {}
    for name in (*_REQUESTS, MetricName.RESPONSE_TIME, MetricName.IN_SERVICE_UNITS):
        metric = Metric.of_version(name, *names)
        for point in metric_points.by_period(
            connection, owner, metric, start_ms=start_ms, end_ms=end_ms, period=period
        ):
            points[name, point.start_ms] = point.statistics
    for metric, point in unwritten:
        begin = point.start_ms - point.start_ms % (period * 1000)
        before = points.get((metric.name, begin))
        points[metric.name, begin] = (
            point.statistics if before is None else before.merged(point.statistics)
        )
    found: dict[int, Activity] = {}
    for (each, begin), statistics in points.items():
        found[begin] = _with(found.get(begin, Activity(begin)), each, statistics)
    return [found[begin] for begin in sorted(found)]


def _with(before: Activity, name: str, statistics: StatisticSet) -> Activity:
    count, mean = round(statistics.total), statistics.total / statistics.count
    match name:
        case MetricName.SUCCESSFUL_REQUESTS:
            return replace(before, requests=count)
        case MetricName.THROTTLED:
            return replace(before, throttled=count)
        case MetricName.RESPONSE_TIME:
            return replace(before, mean_ms=round(mean, 1), max_ms=round(statistics.maximum, 1))
        case MetricName.IN_SERVICE_UNITS:
            return replace(before, units=round(mean, 3), minutes=round(statistics.count))
        case _:
            return replace(before, errors=before.errors + count)


def period_of(hours: int) -> int:
    """Choose the seconds of a period for a chart of these hours."""
    return _PERIODS[min(limit for limit in _PERIODS if hours <= limit)]
