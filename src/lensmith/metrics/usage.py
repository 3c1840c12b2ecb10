"""Computes how long models ran, and their unit-hours (api.md 5)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from lensmith.domain.metric import MetricName, MetricOwner
from lensmith.store.records import metric_points


@dataclass(frozen=True, slots=True)
class VersionUsage:
    """Usage of one version in the requested time; hours are clock hours, UTC."""

    project: str
    version: str
    hours: int  # in which it ran for at least a minute
    unit_hours: float  # the sum over these hours of the average of its units in service
    minutes: int  # that it ran
    first_hour_ms: int
    last_hour_ms: int


def usage(
    connection: Connection, owner: MetricOwner, since_ms: int, project: str | None = None
) -> list[VersionUsage]:
    """Return the usage of versions that ran at or after `since_ms`, by project and name."""
    found: dict[tuple[str, str], VersionUsage] = {}
    for hour in metric_points.hours(
        connection, owner, MetricName.IN_SERVICE_UNITS, since_ms=since_ms
    ):
        named = dict(hour.metric.dimensions)
        key = named["ProjectName"], named["VersionName"]
        if project is None or project == key[0]:
            found[key] = _with_hour(found.get(key), key, hour)
    return [found[key] for key in sorted(found)]


def _with_hour(
    before: VersionUsage | None, key: tuple[str, str], hour: metric_points.HourOfMetric
) -> VersionUsage:
    average, minutes = hour.total / hour.count, round(hour.count)
    if before is None:
        return VersionUsage(*key, 1, average, minutes, hour.start_ms, hour.start_ms)
    return VersionUsage(
        *key,
        before.hours + 1,
        before.unit_hours + average,
        before.minutes + minutes,
        before.first_hour_ms,
        hour.start_ms,
    )
