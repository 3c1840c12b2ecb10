"""Datapoints on both engines: kept, merged, rolled up, dropped."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, func, select

from lensmith.domain.metric import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    Datapoint,
    Metric,
    MetricOwner,
    StatisticSet,
)
from lensmith.store.records import metric_points
from lensmith.store.records.metric_tables import metric_points as rows

NOW = 1_790_000_000_000 - 1_790_000_000_000 % HOUR_MS
ADA = MetricOwner("111122223333", "us-east-1")
UNITS = Metric.of_version("InServiceInferenceUnits", "parts", "v1")


def keep(write: Connection, at_ms: int, value: float, metric: Metric = UNITS) -> None:
    metric_points.add_sample(write, ADA, metric, Datapoint(at_ms, StatisticSet.of(value)), "one")


def kept(write: Connection, period: int = 60, **given: int) -> list[Datapoint]:
    span = {"start_ms": 0, "end_ms": NOW + DAY_MS, **given}
    return metric_points.by_period(write, ADA, UNITS, period=period, **span)


def test_a_minute_is_recorded_once_and_read_in_order(write: Connection) -> None:
    keep(write, NOW + MINUTE_MS, 2)
    keep(write, NOW, 1)
    keep(write, NOW + 30_000, 5)
    assert kept(write) == [
        Datapoint(NOW, StatisticSet(1, 1, 1, 1)),
        Datapoint(NOW + MINUTE_MS, StatisticSet(2, 1, 2, 2)),
    ]
    assert kept(write, start_ms=NOW, end_ms=NOW + MINUTE_MS) == [
        Datapoint(NOW, StatisticSet(1, 1, 1, 1))
    ]


def test_counts_of_a_minute_add_up(write: Connection) -> None:
    time = Metric.of("ResponseTime", {"Operation": "DetectCustomLabels"})
    for value in (20.0, 10.0, 60.0):
        point = Datapoint(NOW, StatisticSet.of(value))
        metric_points.accumulate(write, ADA, time, point)
    (found,) = metric_points.by_period(write, ADA, time, start_ms=NOW, end_ms=NOW + 1, period=60)
    assert found.statistics == StatisticSet(90, 3, 10, 60)


def test_nobody_sees_the_metrics_of_another_account_or_region(write: Connection) -> None:
    keep(write, NOW, 1)
    for other in (MetricOwner("444455556666", "us-east-1"), MetricOwner(ADA.account_id, "eu-1")):
        assert not metric_points.series(write, other)
        assert not metric_points.hours(write, other, UNITS.name, since_ms=0)
        assert not metric_points.by_period(
            write, other, UNITS, start_ms=0, end_ms=NOW + 1, period=3600
        )


@pytest.mark.parametrize(
    ("age_ms", "period"),
    [(14 * DAY_MS, 60), (16 * DAY_MS, 300), (62 * DAY_MS, 300), (64 * DAY_MS, 3600)],
)
def test_datapoints_are_put_together_as_they_age(
    write: Connection, age_ms: int, period: int
) -> None:
    start = NOW - age_ms
    for minute in range(120):
        keep(write, start + minute * MINUTE_MS, minute % 3)
    metric_points.roll_up(write, NOW)
    metric_points.roll_up(write, NOW)

    points = kept(write, period)

    assert len(points) == 120 * 60 // period
    assert sum(point.statistics.count for point in points) == 120
    assert sum(point.statistics.total for point in points) == 120
    assert points[0].start_ms == start
    if period > 60:
        assert points[1].statistics.minimum == 0
        assert points[1].statistics.maximum == 2
        assert not kept(write)
    assert metric_points.hours(write, ADA, UNITS.name, since_ms=0) == [
        metric_points.HourOfMetric(UNITS, start + hour * HOUR_MS, 60, 60) for hour in range(2)
    ]


def test_a_minute_that_comes_late_joins_its_roll_up(write: Connection) -> None:
    start = NOW - 20 * DAY_MS
    keep(write, start, 1)
    metric_points.roll_up(write, NOW)
    keep(write, start + MINUTE_MS, 3)
    metric_points.roll_up(write, NOW)
    assert kept(write, 300) == [Datapoint(start, StatisticSet(4, 2, 1, 3))]


def test_after_15_months_a_metric_is_gone(write: Connection) -> None:
    keep(write, NOW - 454 * DAY_MS, 1)
    other = Metric.of_version(UNITS.name, "parts", "v2")
    keep(write, NOW - 456 * DAY_MS, 1, other)
    metric_points.roll_up(write, NOW)
    assert [each.metric for each in metric_points.series(write, ADA)] == [UNITS]
    assert write.execute(select(func.count()).select_from(rows)).scalar() == 1


def test_metrics_are_listed_by_name_position_and_activity(write: Connection) -> None:
    other = Metric.of_version("MinInferenceUnits", 'a"ä', "v2")
    keep(write, NOW, 1)
    keep(write, NOW - DAY_MS, 1, other)
    first, second = metric_points.series(write, ADA)
    assert (first.metric, second.metric) == (UNITS, other)
    assert metric_points.series(write, ADA, name=other.name) == [second]
    assert metric_points.series(write, ADA, after_id=first.id) == [second]
    assert metric_points.series(write, ADA, active_since_ms=NOW - HOUR_MS) == [first]
