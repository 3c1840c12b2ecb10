"""What a template may ask of the values of its parameters."""

from __future__ import annotations

from typing import Any

import pytest

from lensmith.cloudformation.parameters import declarations, parameter_values, shown, typed
from lensmith.cloudformation.template import template_of
from lensmith.domain.stack_errors import StackValidationError

TEXT = {"Type": "String", "AllowedPattern": "[a-z]+", "MinLength": 2, "MaxLength": 4}
NUMBERS = {"Type": "List<Number>", "MinValue": 1, "MaxValue": 9.5}


def template(**declared: Any) -> Any:
    bucket = {"Type": "AWS::S3::Bucket"}
    return template_of({"Parameters": declared, "Resources": {"Pictures": bucket}})


def value_of(declared: dict[str, Any], value: str) -> str:
    given = [{"ParameterKey": "A", "ParameterValue": value}]
    return parameter_values(template(A=declared), given, {})["A"]


@pytest.mark.parametrize(
    ("declared", "value", "told"),
    [
        (TEXT, "ab1", "must match pattern"),
        (TEXT, "a", "at least 2 characters"),
        (TEXT, "abcde", "at most 4 characters"),
        ({**TEXT, "ConstraintDescription": "is a short word"}, "1", "'A' is a short word"),
        ({**TEXT, "AllowedPattern": "("}, "ab", "cannot be used"),
        (NUMBERS, "2,x", "must be a number"),
        (NUMBERS, "2,0", "not less than 1"),
        (NUMBERS, "9.6", "not greater than 9.5"),
        ({"Type": "String", "AllowedValues": [True, 3]}, "4", "one of AllowedValues"),
    ],
)
def test_a_value_that_does_not_fit(declared: dict[str, Any], value: str, told: str) -> None:
    with pytest.raises(StackValidationError, match="A") as raised:
        value_of(declared, value)
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        (TEXT, "abc"),
        (NUMBERS, "1,9.5,+3"),
        ({"Type": "String", "AllowedValues": [True, 3]}, "true"),
    ],
)
def test_a_value_that_fits(declared: dict[str, Any], value: str) -> None:
    assert value_of(declared, value) == value


def test_values_as_functions_and_callers_see_them() -> None:
    hidden = {"Type": "String", "NoEcho": True, "Default": "x"}
    made = template(A=NUMBERS, B=hidden, C={"Type": "String", "AllowedValues": [True]})
    given: list[dict[str, Any]] = [
        {"ParameterKey": "A", "UsePreviousValue": True},
        {"ParameterKey": "C", "ParameterValue": "true"},
    ]
    values = parameter_values(made, given, {"A": "1,2"})
    assert typed(made, values) == {"A": ["1", "2"], "B": "x", "C": "true"}
    masked = {one["ParameterKey"]: one["ParameterValue"] for one in shown(made, values)}
    assert masked == {"A": "1,2", "B": "****", "C": "true"}
    told = {one["ParameterKey"]: one for one in declarations(made)}
    assert told["B"]["NoEcho"]
    assert told["C"]["ParameterConstraints"] == {"AllowedValues": ["true"]}
