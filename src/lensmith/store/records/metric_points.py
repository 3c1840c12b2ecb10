"""Datapoints of metrics: minutes, merged into longer periods as they age.

Kept as CloudWatch keeps them: a minute each for 15 days, five minutes each for 63 days, an hour
each for 455 days (15 months). They outlive the project and version they are about.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Label,
    and_,
    case,
    delete,
    exists,
    func,
    select,
    update,
)

from lensmith.domain.metric import DAY_MS, Datapoint, Metric, MetricOwner, StatisticSet
from lensmith.store.records.insert_statement import insert_statement
from lensmith.store.records.metric_tables import metric_points, metric_series

MINUTE, FIVE_MINUTES, HOUR = 60, 300, 3600
"""The periods of rows, in seconds."""

_PERIOD_COLUMNS = ("period_seconds", "start_ms")

KEPT_MS = 455 * DAY_MS

_ROLL_UPS = ((MINUTE, 15 * DAY_MS, FIVE_MINUTES), (FIVE_MINUTES, 63 * DAY_MS, HOUR))
"""Rows of a period that are older than an age become rows of the longer period."""


_MERGED = (
    func.sum(metric_points.c.total),
    func.sum(metric_points.c.samples),
    func.min(metric_points.c.minimum),
    func.max(metric_points.c.maximum),
)
"""Several rows as the members of a StatisticSet."""


@dataclass(frozen=True, slots=True)
class StoredMetric:
    """A metric that has datapoints."""

    id: int
    metric: Metric


@dataclass(frozen=True, slots=True)
class HourOfMetric:
    """The samples of one metric in one clock hour."""

    metric: Metric
    start_ms: int
    total: float
    count: float


def accumulate(
    connection: Connection, owner: MetricOwner, metric: Metric, point: Datapoint
) -> None:
    """Merge a datapoint into its minute (needs a write transaction)."""
    _accumulate(connection, _series_id(connection, owner, metric), MINUTE, point)


def add_sample(
    connection: Connection, owner: MetricOwner, metric: Metric, point: Datapoint, server: str
) -> None:
    """Add one server's sample of a minute to those of the others (needs a write transaction).

    The sum is one sample, as if one server had measured it. A server's second sample of the same
    minute is dropped, and so is one for a minute that has been merged into a longer period.
    """
    values = _values(_series_id(connection, owner, metric), MINUTE, point)
    first = insert_statement(connection, metric_points).values(
        {**values, "servers": json.dumps([server])}
    )
    inserted = first.on_conflict_do_nothing().returning(metric_points.c.series_id)
    if connection.execute(inserted).first() is not None:
        return
    this = and_(
        *(metric_points.c[name] == values[name] for name in ("series_id", *_PERIOD_COLUMNS))
    )
    locked = select(metric_points.c.servers).where(this).with_for_update()
    servers: list[str] = json.loads(connection.execute(locked).scalar_one() or "[]")
    if server not in servers:
        added = {
            name: metric_points.c[name] + values[name] for name in ("total", "minimum", "maximum")
        }
        connection.execute(
            update(metric_points)
            .where(this)
            .values(servers=json.dumps([*servers, server]), **added)
        )


def by_period(
    connection: Connection,
    owner: MetricOwner,
    metric: Metric,
    *,
    start_ms: int,
    end_ms: int,
    period: int,
) -> list[Datapoint]:
    """Return the datapoints from `start_ms` to before `end_ms` by `period` seconds, oldest first.

    Datapoints kept only for longer periods are left out, as CloudWatch does.
    """
    start = _start_of(period)
    rows = connection.execute(
        select(start, *_MERGED)
        .join(metric_series)
        .where(
            _is_of(owner),
            metric_series.c.name == metric.name,
            metric_series.c.dimensions == _dimensions(metric),
            metric_points.c.start_ms >= start_ms,
            metric_points.c.start_ms < end_ms,
            metric_points.c.period_seconds <= max(period, MINUTE),
        )
        .group_by(start)
        .order_by(start)
    )
    return [Datapoint(begin, StatisticSet(*merged)) for begin, *merged in rows]


def series(
    connection: Connection,
    owner: MetricOwner,
    *,
    name: str | None = None,
    after_id: int | None = None,
    active_since_ms: int | None = None,
) -> list[StoredMetric]:
    """Return the metrics of an owner in order of first appearance."""
    query = select(metric_series).where(_is_of(owner), metric_series.c.id > (after_id or 0))
    if name is not None:
        query = query.where(metric_series.c.name == name)
    if active_since_ms is not None:
        query = query.where(
            exists().where(
                metric_points.c.series_id == metric_series.c.id,
                metric_points.c.start_ms >= active_since_ms,
            )
        )
    rows = connection.execute(query.order_by(metric_series.c.id))
    return [StoredMetric(row.id, _metric(row.name, row.dimensions)) for row in rows]


def hours(
    connection: Connection, owner: MetricOwner, name: str, *, since_ms: int
) -> list[HourOfMetric]:
    """Return every metric of one name, summed by clock hour from `since_ms` on, oldest first."""
    start = _start_of(HOUR)
    rows = connection.execute(
        select(
            metric_series.c.dimensions,
            start,
            func.sum(metric_points.c.total).label("total"),
            func.sum(metric_points.c.samples).label("samples"),
        )
        .join(metric_series)
        .where(_is_of(owner), metric_series.c.name == name, metric_points.c.start_ms >= since_ms)
        .group_by(metric_series.c.id, metric_series.c.dimensions, start)
        .order_by(start, metric_series.c.id)
    )
    return [
        HourOfMetric(_metric(name, row.dimensions), row.start, row.total, row.samples)
        for row in rows
    ]


def roll_up(connection: Connection, now_ms: int) -> None:
    """Merge aged datapoints, delete expired ones (needs a write transaction)."""
    for finer, age_ms, coarser in _ROLL_UPS:
        _roll_up(connection, finer, coarser, _start(now_ms - age_ms, coarser))
    connection.execute(delete(metric_points).where(metric_points.c.start_ms < now_ms - KEPT_MS))
    connection.execute(
        delete(metric_series).where(
            ~exists().where(metric_points.c.series_id == metric_series.c.id)
        )
    )


def _roll_up(connection: Connection, finer: int, coarser: int, before_ms: int) -> None:
    aged = and_(metric_points.c.period_seconds == finer, metric_points.c.start_ms < before_ms)
    start = _start_of(coarser)
    rows = connection.execute(
        select(metric_points.c.series_id, start, *_MERGED)
        .where(aged)
        .group_by(metric_points.c.series_id, start)
    ).all()
    for series_id, begin, *merged in rows:
        _accumulate(connection, series_id, coarser, Datapoint(begin, StatisticSet(*merged)))
    connection.execute(delete(metric_points).where(aged))


def _accumulate(connection: Connection, series_id: int, period: int, point: Datapoint) -> None:
    values = _values(series_id, period, point)
    statement = insert_statement(connection, metric_points).values(values)
    new, old = statement.excluded, metric_points.c
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[old.series_id, old.period_seconds, old.start_ms],
            set_={
                "total": old.total + new.total,
                "samples": old.samples + new.samples,
                "minimum": case((new.minimum < old.minimum, new.minimum), else_=old.minimum),
                "maximum": case((new.maximum > old.maximum, new.maximum), else_=old.maximum),
            },
        )
    )


def _series_id(connection: Connection, owner: MetricOwner, metric: Metric) -> int:
    query = select(metric_series.c.id).where(
        _is_of(owner),
        metric_series.c.name == metric.name,
        metric_series.c.dimensions == _dimensions(metric),
    )
    found = connection.execute(query).scalar()
    if found is None:
        statement = insert_statement(connection, metric_series).values(
            account_id=owner.account_id,
            region=owner.region,
            name=metric.name,
            dimensions=_dimensions(metric),
        )
        connection.execute(statement.on_conflict_do_nothing())  # another server may be the first
        found = connection.execute(query).scalar_one()
    return int(found)


def _values(series_id: int, period: int, point: Datapoint) -> Mapping[str, float]:
    return {
        "series_id": series_id,
        "period_seconds": period,
        "start_ms": _start(point.start_ms, period),
        "total": point.statistics.total,
        "samples": point.statistics.count,
        "minimum": point.statistics.minimum,
        "maximum": point.statistics.maximum,
    }


def _start_of(period: int) -> Label[int]:
    """Select the start of the period that holds a row, epoch milliseconds."""
    return (metric_points.c.start_ms - metric_points.c.start_ms % (period * 1000)).label("start")


def _is_of(owner: MetricOwner) -> ColumnElement[bool]:
    return and_(
        metric_series.c.account_id == owner.account_id, metric_series.c.region == owner.region
    )


def _start(moment_ms: int, period: int) -> int:
    return moment_ms - moment_ms % (period * 1000)


def _dimensions(metric: Metric) -> str:
    return json.dumps(dict(metric.dimensions), separators=(",", ":"))


def _metric(name: str, dimensions: str) -> Metric:
    given: dict[str, str] = json.loads(dimensions)
    return Metric(name, tuple(given.items()))
