"""GetMetricData: metrics and expressions over them, in pages of datapoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from sqlalchemy import Connection

from lensmith.domain.cloudwatch_errors import ValidationError
from lensmith.domain.metric import MetricOwner
from lensmith.metrics.evaluate import Environment, Value, WorkBudget, evaluate
from lensmith.metrics.expression import Expression, ExpressionError
from lensmith.metrics.request import DataRequest, MetricStat, Query, in_expression
from lensmith.metrics.series import Series, Span
from lensmith.store.records import metric_points

_READING = 4  # times the work of combining a datapoint
_RESULT = 10  # datapoints that take as much memory as an empty series of the answer


@dataclass(frozen=True, slots=True)
class Result:
    """One series of the answer, in the requested order."""

    id: str
    label: str
    points: tuple[tuple[int, float], ...]  # epoch second, value
    is_allowed: bool = True


def metric_data(connection: Connection, owner: MetricOwner, request: DataRequest) -> list[Result]:
    """Return the series of every query that returns data; raises ValidationError."""
    work = WorkBudget()
    metrics = {
        query.id: _metric(connection, owner, query, request.span, work)
        for query in request.queries
        if isinstance(query.source, MetricStat)
    }
    values = _evaluated(request, metrics, work)
    return [
        result
        for query in request.queries
        if query.returns_data
        for result in _results(query, values[query.id], owner, request, work)
    ]


def page(
    results: list[Result], begin: int, max_datapoints: int
) -> tuple[list[dict[str, Any]], int | None]:
    """Return up to `max_datapoints` from number `begin` on, and where the next page begins.

    Datapoints are numbered through all results.
    """
    end, total = begin + max_datapoints, sum(len(result.points) for result in results)
    shown, offset = [], 0
    for result in results:
        last = offset + len(result.points)
        is_here = begin <= offset < end or (offset < end and last > begin)
        if is_here or (offset == last == total <= end):
            part = result.points[max(begin - offset, 0) : end - offset]
            shown.append(_member(result, part, is_whole=last <= end))
        offset = last
    return shown, end if end < total else None


def _metric(
    connection: Connection, owner: MetricOwner, query: Query, span: Span, work: WorkBudget
) -> Series:
    assert isinstance(query.source, MetricStat)
    metric, period = query.source.metric, query.source.period
    label = metric.name if metric is not None else ""
    if metric is None or not _is_own(query, owner):
        return Series({}, period, label)
    aligned = span.aligned(period)
    points = metric_points.by_period(
        connection,
        owner,
        metric,
        start_ms=aligned.start * 1000,
        end_ms=aligned.end * 1000,
        period=period,
    )
    _spend(work, _READING * len(points))
    statistic = query.source.statistic
    values = {point.start_ms // 1000: statistic.of(point.statistics) for point in points}
    return Series(values, period, label)


def _evaluated(
    request: DataRequest, metrics: Mapping[str, Series], work: WorkBudget
) -> Mapping[str, Value]:
    """Evaluate every query in order of dependency."""
    queries = {query.id: query for query in request.queries}
    values: dict[str, Value] = dict(metrics)
    given = Environment(values, metrics, request.span, work)
    for name in _in_order(queries):
        expression = queries[name].source
        if isinstance(expression, Expression):
            try:
                values[name] = evaluate(expression, given)
            except ExpressionError as error:
                raise in_expression(name, error) from error
    return values


def _in_order(queries: Mapping[str, Query]) -> list[str]:
    needed: dict[str, frozenset[str]] = {}
    for name, query in queries.items():
        needed[name] = query.source.names if isinstance(query.source, Expression) else frozenset()
        unknown = sorted(needed[name] - queries.keys())
        if unknown:
            raise ValidationError(
                f"Error in expression '{name}': there is no query with the id {unknown[0][:255]}."
            )
    try:
        return list(TopologicalSorter(needed).static_order())
    except CycleError as error:
        raise ValidationError("The expressions refer to each other in a circle.") from error


def _results(
    query: Query, value: Value, owner: MetricOwner, request: DataRequest, work: WorkBudget
) -> list[Result]:
    if isinstance(value, float):
        raise ValidationError(
            f"Error in expression '{query.id}': it is a number; a result must be a time series."
        )
    if isinstance(value, list):
        labels = [f"{query.label or query.id} {each.label}".strip() for each in value]
    else:
        is_metric = isinstance(query.source, MetricStat)
        labels = [query.label or (value.label if is_metric else "") or query.id]
    results = []
    for label, series in zip(labels, value if isinstance(value, list) else [value], strict=True):
        _spend(work, _RESULT + len(series.points))
        points = tuple(sorted(series.points.items(), reverse=request.newest_first))
        results.append(Result(query.id, label, points, _is_own(query, owner)))
    return results


def _is_own(query: Query, owner: MetricOwner) -> bool:
    return query.account_id in {None, owner.account_id}


def _spend(work: WorkBudget, points: int) -> None:
    try:
        work.spend(points)
    except ExpressionError as error:
        raise ValidationError(f"This cannot be answered: {error}.") from error


def _member(
    result: Result, points: tuple[tuple[int, float], ...], *, is_whole: bool
) -> dict[str, Any]:
    """Make a MetricDataResult."""
    status = "Complete" if is_whole else "PartialData"
    return {
        "Id": result.id,
        "Label": result.label,
        "Timestamps": [float(start) for start, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": status if result.is_allowed else "Forbidden",
    }
