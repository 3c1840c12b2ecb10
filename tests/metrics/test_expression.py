"""Which expressions are let through: never anything that Python would do."""

from __future__ import annotations

import pytest

from lensmith.metrics.expression import ExpressionError, parse_expression


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SUM(m1)*m1", {"m1"}),
        ("DATAPOINT_COUNT(m1)*m1/m1", {"m1"}),
        ("(e1 + 2.5e3) / -m2 ^ 2", {"e1", "m2"}),
        ("AVG([m1, m2])\n - 1", {"m1", "m2"}),
        ('SUM(METRICS("errors"))', set()),
    ],
)
def test_what_cloudwatch_takes(text: str, names: set[str]) -> None:
    assert parse_expression(text).names == names


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m1 +",
        "m1 m2",
        "__import__('os')",
        "m1.__class__",
        "m1[0]",
        "(m1, m2)",
        "m1 // 2",
        "m1 if m1 else m2",
        "lambda",
        "f'{m1}'",
        "[m1 for m1 in m2]",
        "SUM(*m1)",
        "SUM(m1)(m2)",
        "SUM(a=m1)",
        "m1 := 2",
        "m1 and m2",
        "not m1",
        "True",
        "None",
        "1j",
        "b''",
        "SEARCH('x')",
        "m1 # m2",
        "m1; m2",
        "m1\0",
        "\uff4d1",
        "(" * 1000 + "m1" + ")" * 1000,
        "-" * 2000 + "m1",
        "+".join(["m1"] * 600),
        "9" * 2000 + "e",
    ],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_expression(text)
