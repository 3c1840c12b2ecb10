"""Parses CloudWatch requests that satisfied the service model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lensmith.domain.cloudwatch_errors import ValidationError
from lensmith.domain.metric import NAMESPACE, Metric, MetricName
from lensmith.metrics.expression import Expression, ExpressionError, parse_expression
from lensmith.metrics.series import Span, Statistic

MAX_QUERIES = 500
MAX_DATAPOINTS = 100_800  # of one answer of GetMetricData

_ID = re.compile(r"[a-z][a-zA-Z0-9_]*", re.ASCII)
_SHORT_PERIODS = frozenset({1, 5, 10, 20, 30})
_MAX_SECONDS = 1 << 40  # epoch seconds; beyond any that matters, and periods still fit


@dataclass(frozen=True, slots=True)
class MetricStat:
    """One statistic of one metric, by period."""

    metric: Metric | None  # None: another namespace or unit, so without datapoints
    period: int  # seconds
    statistic: Statistic


@dataclass(frozen=True, slots=True)
class Query:
    """One of the queries of GetMetricData."""

    id: str
    source: MetricStat | Expression
    label: str | None
    returns_data: bool
    account_id: str | None


@dataclass(frozen=True, slots=True)
class DataRequest:
    """A request of GetMetricData."""

    queries: tuple[Query, ...]
    span: Span
    newest_first: bool
    max_datapoints: int


def data_request(request: Mapping[str, Any]) -> DataRequest:
    """Parse a request of GetMetricData; raises ValidationError."""
    queries = tuple(
        _query(given, f"MetricDataQueries.member.{number}")
        for number, given in enumerate(request["MetricDataQueries"][: MAX_QUERIES + 1], start=1)
    )
    if not 1 <= len(queries) <= MAX_QUERIES:
        raise ValidationError(f"MetricDataQueries must have 1 to {MAX_QUERIES} members.")
    ids = [query.id for query in queries]
    if len(set(ids)) < len(ids):
        raise ValidationError("The values for parameter Id in MetricDataQueries are not unique.")
    if not any(query.returns_data for query in queries):
        raise ValidationError("At least one of MetricDataQueries must have ReturnData set to true.")
    max_datapoints = request.get("MaxDatapoints", MAX_DATAPOINTS)
    if not 1 <= max_datapoints <= MAX_DATAPOINTS:
        raise ValidationError(f"MaxDatapoints must be from 1 to {MAX_DATAPOINTS}.")
    span = read_span(request)
    if span is None:
        raise ValidationError("The parameter StartTime must be less than the parameter EndTime.")
    newest_first = request.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    return DataRequest(queries, span, newest_first, max_datapoints)


def read_span(request: Mapping[str, Any]) -> Span | None:
    """Return the requested span; None if it is empty."""
    start, end = (
        max(min(int(request[name]), _MAX_SECONDS), -_MAX_SECONDS)
        for name in ("StartTime", "EndTime")
    )
    return Span(start, end) if start < end else None


def is_period(period: int) -> bool:
    """Return whether CloudWatch accepts a period of that many seconds."""
    return period in _SHORT_PERIODS or (period > 0 and period % 60 == 0)


def read_metric(given: Mapping[str, Any], unit: str | None) -> Metric | None:
    """Return the metric of Namespace, MetricName and Dimensions; None if it cannot exist here.

    Raises ValueError if a dimension is given twice.
    """
    dimensions = {each["Name"]: each["Value"] for each in given.get("Dimensions", ())}
    if len(dimensions) < len(given.get("Dimensions", ())):
        raise ValueError("a dimension is given more than once")
    name = given.get("MetricName", "")
    if given.get("Namespace") != NAMESPACE or name not in set(MetricName):
        return None
    if unit is not None and unit != MetricName(name).unit:
        return None
    return Metric.of(name, dimensions)


def _query(given: Mapping[str, Any], path: str) -> Query:
    name = given["Id"]
    if not _ID.fullmatch(name):
        raise ValidationError(
            f"The value {name} for parameter {path}.Id is not matching the expected pattern "
            "^[a-z][a-zA-Z0-9_]*$."
        )
    if ("MetricStat" in given) == ("Expression" in given):
        raise ValidationError(f"{path} takes exactly one of MetricStat and Expression.")
    if "MetricStat" in given:
        source: MetricStat | Expression = _metric_stat(given["MetricStat"], f"{path}.MetricStat")
    else:
        source = _expression(given["Expression"], name)
    return Query(
        name, source, given.get("Label"), given.get("ReturnData", True), given.get("AccountId")
    )


def _expression(text: str, name: str) -> Expression:
    try:
        return parse_expression(text)
    except ExpressionError as error:
        raise in_expression(name, error) from error


def in_expression(name: str, error: ExpressionError) -> ValidationError:
    return ValidationError(f"Error in expression '{name}': {error}.")


def _metric_stat(given: Mapping[str, Any], path: str) -> MetricStat:
    period, statistic = given["Period"], given["Stat"]
    if not is_period(period):
        raise ValidationError(
            f"The value {period} for parameter {path}.Period must be 1, 5, 10, 20, 30 or a "
            "multiple of 60."
        )
    if statistic not in set(Statistic):
        raise ValidationError(
            f"The value {statistic[:64]} for parameter {path}.Stat is not supported; it is one "
            f"of {', '.join(Statistic)}."
        )
    try:
        metric = read_metric(given["Metric"], given.get("Unit"))
    except ValueError as error:
        raise ValidationError(f"In parameter {path}.Metric.Dimensions {error}.") from error
    return MetricStat(metric, period, Statistic(statistic))
