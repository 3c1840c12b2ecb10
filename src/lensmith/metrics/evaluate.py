"""Evaluates metric math by the rules of CloudWatch.

A value is a number, a series or several series. Two series are combined at the datapoints that both
have. A function over one series gives a number, over several a series. A division by zero or an
overflow leaves no datapoint.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from lensmith.metrics.expression import Expression, ExpressionError
from lensmith.metrics.series import Series, Span

Value = float | Series | list[Series]

MAX_STEPS = 1_000_000
"""Datapoints combined in one request, or a quarter as many read: about a second of work."""


class WorkBudget:
    """Counts the datapoints that a request touches."""

    def __init__(self, max_steps: int = MAX_STEPS) -> None:
        self._left = max_steps

    def spend(self, points: int) -> None:
        """Count `points` datapoints; raises ExpressionError if the request needs too many."""
        self._left -= points + 1
        if self._left < 0:
            raise ExpressionError(
                "the request is too much work; ask for less time, longer periods or fewer metrics"
            )


@dataclass(frozen=True, slots=True)
class Environment:
    """Values and metrics that an expression can refer to."""

    values: Mapping[str, Value]  # by query id
    metrics: Mapping[str, Series]  # those of them that are metrics, not expressions
    span: Span
    work: WorkBudget


def evaluate(expression: Expression, environment: Environment) -> Value:
    """Return the value of an expression; raises ExpressionError."""
    return _evaluate(expression.tree, environment)


def _evaluate(node: ast.expr, given: Environment) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number):
            return _number(number)
        case ast.Name(id=name):
            return given.values[name]
        case ast.List(elts=elements):
            return _concatenate([_evaluate(element, given) for element in elements], given.work)
        case ast.UnaryOp(op=sign, operand=operand):
            factor = -1.0 if isinstance(sign, ast.USub) else 1.0
            return _combine(operator.mul, _evaluate(operand, given), factor, given.work)
        case ast.BinOp(left=left, op=kind, right=right):
            values = _evaluate(left, given), _evaluate(right, given)
            return _combine(_OPERATORS[type(kind)], *values, given.work)
        case ast.Call(func=ast.Name(id="METRICS"), args=arguments):
            return _metrics(arguments, given)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _call(name, [_evaluate(each, given) for each in arguments], given)
    raise ExpressionError("a text has no place there")


def _call(name: str, values: list[Value], given: Environment) -> Value:
    if name == "FILL":
        return _fill(values, given)
    if len(values) != 1:
        raise ExpressionError(f"{name} takes one argument")
    (value,) = values
    if name == "PERIOD":
        if not isinstance(value, Series):
            raise ExpressionError("PERIOD takes a metric")
        return float(value.period)
    if name in _ROUNDINGS:
        return _each(_ROUNDINGS[name], value, given.work)
    return _aggregate(_AGGREGATES[name], name, value, given.work)


def _number(number: float) -> float:
    try:
        return float(number)
    except OverflowError as error:
        raise ExpressionError("a number is too large") from error


def _concatenate(values: Sequence[Value], work: WorkBudget) -> list[Series]:
    concatenated: list[Series] = []
    for value in values:
        if isinstance(value, float):
            raise ExpressionError("an array has numbers in it; it takes metrics and expressions")
        further = value if isinstance(value, list) else [value]
        work.spend(len(further))  # arrays of arrays grow without bound
        concatenated += further
    return concatenated


def _metrics(arguments: list[ast.expr], given: Environment) -> list[Series]:
    given.work.spend(len(given.metrics))
    match arguments:
        case []:
            return list(given.metrics.values())
        case [ast.Constant(value=str() as text)]:
            return [series for name, series in given.metrics.items() if text in name]
    raise ExpressionError("METRICS takes a text, or nothing")


def _combine(
    combined: Callable[[float, float], float], left: Value, right: Value, work: WorkBudget
) -> Value:
    if isinstance(left, list) and isinstance(right, list):
        raise ExpressionError("two arrays cannot be combined by an operator")
    if isinstance(left, list):
        return [_pair(combined, series, right, work) for series in left]
    if isinstance(right, list):
        return [_pair(combined, left, series, work) for series in right]
    if isinstance(left, float) and isinstance(right, float):
        return _defined(combined, left, right)
    return _pair(combined, left, right, work)


def _pair(
    combined: Callable[[float, float], float],
    left: float | Series,
    right: Value,
    work: WorkBudget,
) -> Series:
    """Combine two values of which at least one is a series."""
    assert not isinstance(right, list)
    if isinstance(left, Series):
        work.spend(len(left.points))
        pairs = {
            start: (value, right if isinstance(right, float) else right.points[start])
            for start, value in left.points.items()
            if isinstance(right, float) or start in right.points
        }
        like = left
    else:
        assert isinstance(right, Series)
        work.spend(len(right.points))
        pairs = {start: (left, value) for start, value in right.points.items()}
        like = right
    values = {start: _defined(combined, *pair) for start, pair in pairs.items()}
    return replace(like, points=_finite(values))


def _each(changed: Callable[[float], float], value: Value, work: WorkBudget) -> Value:
    if isinstance(value, float):
        return _defined(changed, value)
    if isinstance(value, list):
        return [_changed(changed, series, work) for series in value]
    return _changed(changed, value, work)


def _changed(changed: Callable[[float], float], series: Series, work: WorkBudget) -> Series:
    work.spend(len(series.points))
    points = {start: _defined(changed, value) for start, value in series.points.items()}
    return replace(series, points=_finite(points))


def _aggregate(
    aggregated: Callable[[list[float]], float], name: str, value: Value, work: WorkBudget
) -> Value:
    if isinstance(value, float):
        raise ExpressionError(f"{name} takes a metric or an array, not a number")
    if isinstance(value, Series):
        work.spend(len(value.points))
        values = list(value.points.values())
        return aggregated(values) if values else math.nan
    columns: dict[int, list[float]] = {}
    for series in value:
        work.spend(len(series.points))
        for start, number in series.points.items():
            columns.setdefault(start, []).append(number)
    points = {start: aggregated(columns[start]) for start in sorted(columns)}
    return Series(_finite(points), max((series.period for series in value), default=60))


def _fill(values: list[Value], given: Environment) -> Value:
    match values:
        case [Series() as series, float() as number]:
            starts = range(given.span.aligned(series.period).start, given.span.end, series.period)
            given.work.spend(len(starts))
            points = {start: series.points.get(start, number) for start in starts}
            return replace(series, points=_finite(points))
    raise ExpressionError("FILL takes a metric and a number")


def _defined(function: Callable[..., float], *numbers: float) -> float:
    try:
        value = function(*numbers)
    except (ZeroDivisionError, OverflowError, ValueError):
        return math.nan
    return math.nan if isinstance(value, complex) else float(value)


def _finite(points: Mapping[int, float]) -> dict[int, float]:
    return {start: value for start, value in points.items() if math.isfinite(value)}


_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_ROUNDINGS: dict[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": math.ceil,
    "FLOOR": math.floor,
}
_AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "AVG": lambda values: sum(values) / len(values),
    "DATAPOINT_COUNT": lambda values: float(len(values)),
    "MAX": max,
    "MIN": min,
    "SUM": sum,
}
