"""What expressions amount to."""

from __future__ import annotations

import pytest

from lensmith.metrics.evaluate import Environment, Value, WorkBudget, evaluate
from lensmith.metrics.expression import ExpressionError, parse_expression
from lensmith.metrics.series import Series, Span

METRICS = {
    "m1": Series({0: 1.0, 60: 2.0, 180: 4.0}, 60, "one"),
    "m2": Series({60: 10.0, 120: 20.0, 180: 0.0}, 60, "two"),
    "nothing": Series({}, 60, "nothing"),
}


def result(text: str, most: int = 1000) -> Value:
    given = Environment(dict(METRICS), METRICS, Span(30, 240), WorkBudget(most))
    return evaluate(parse_expression(text), given)


def points(text: str) -> dict[int, float]:
    value = result(text)
    assert isinstance(value, Series)
    return value.points


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SUM(m1)*m1", {0: 7, 60: 14, 180: 28}),
        ("DATAPOINT_COUNT(m1)*m1/m1", {0: 3, 60: 3, 180: 3}),
        ("m1 + m2", {60: 12, 180: 4}),
        ("m1 / m2", {60: 0.2}),
        ("1 - -m1 * 2", {0: 3, 60: 5, 180: 9}),
        ("-m1^2 + 1", {0: 0, 60: -3, 180: -15}),
        ("m2 ^ 1000", {180: 0}),
        ("(0 - m1) ^ 0.5", {}),
        ("SUM([m1, m2])", {0: 1, 60: 12, 120: 20, 180: 4}),
        ("AVG(METRICS())", {0: 1, 60: 6, 120: 20, 180: 2}),
        ('MAX(METRICS("2"))', {60: 10, 120: 20, 180: 0}),
        ("MIN([m1, m2]) * 2", {0: 2, 60: 4, 120: 40, 180: 0}),
        ("DATAPOINT_COUNT([m1, m2])", {0: 1, 60: 2, 120: 1, 180: 2}),
        ("FILL(m1, 0)", {0: 1, 60: 2, 120: 0, 180: 4}),
        ("CEIL(m1 / 3) + FLOOR(m1 / 3) + ABS(0 - m1)", {0: 2, 60: 3, 180: 7}),
        ("m1 * PERIOD(m1)", {0: 60, 60: 120, 180: 240}),
        ("SUM(nothing) * m1", {}),
        ("AVG(nothing) + nothing", {}),
    ],
)
def test_series(text: str, expected: dict[int, float]) -> None:
    assert points(text) == pytest.approx(expected)


def test_an_array_stays_an_array() -> None:
    value = result("METRICS() * 2")
    assert isinstance(value, list)
    assert [(each.label, each.points.get(60)) for each in value] == [
        ("one", 4.0),
        ("two", 20.0),
        ("nothing", None),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "SUM(1)",
        "[1, m1]",
        "'m1'",
        "m1 + 'a'",
        "METRICS() + METRICS()",
        "METRICS(m1)",
        "SUM(m1, m2)",
        "SUM()",
        "FILL(m1)",
        "FILL(m1, m2)",
        "PERIOD(3)",
        "9" * 400 + " * m1",
    ],
)
def test_what_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        result(text)


def test_work_is_bounded() -> None:
    assert result("m1 + m1 + m1", most=12)
    with pytest.raises(ExpressionError, match="too much work"):
        result("m1 + m1 + m1 + m1 + m1", most=12)


@pytest.mark.parametrize("text", ["[METRICS(), METRICS()]", "[[m1, m2], [m1, m2], m1]"])
def test_arrays_in_arrays_are_work(text: str) -> None:
    assert result(text, most=20)
    with pytest.raises(ExpressionError, match="too much work"):
        result(text, most=10)
