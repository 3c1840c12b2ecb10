"""Values of a template's parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lensmith.cloudformation.template import Template
from lensmith.domain.stack_errors import StackValidationError

MASK = "****"  # instead of a NoEcho value

_LISTS = {"CommaDelimitedList", "List<Number>"}
_NUMBERS = {"Number", "List<Number>"}
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


def parameter_values(
    template: Template, given: Sequence[Mapping[str, Any]], previous: Mapping[str, str]
) -> dict[str, str]:
    """Return every parameter's value: given, previous, or the default.

    Raises StackValidationError in CloudFormation's words.
    """
    sent = {str(one.get("ParameterKey")): one for one in given}
    unknown = sorted(set(sent) - set(template.parameters))
    if unknown:
        raise StackValidationError(
            f"Parameters: [{', '.join(unknown)}] do not exist in the template"
        )
    found: dict[str, str] = {}
    missing = []
    for name, declared in template.parameters.items():
        one = sent.get(name, {})
        if one.get("UsePreviousValue") and name in previous:
            found[name] = previous[name]
        elif "ParameterValue" in one:
            found[name] = one["ParameterValue"]
        elif "Default" in declared:
            found[name] = _default(declared["Default"])
        else:
            missing.append(name)
    if missing:
        raise StackValidationError(f"Parameters: [{', '.join(missing)}] must have values")
    for name, value in found.items():
        _check(name, value, template.parameters[name])
    return found


def typed(template: Template, values: Mapping[str, str]) -> dict[str, Any]:
    """Return the values as functions see them: lists are lists."""
    return {
        name: value.split(",") if template.parameters[name]["Type"] in _LISTS else value
        for name, value in values.items()
        if name in template.parameters
    }


def declarations(template: Template) -> list[dict[str, Any]]:
    """Describe the parameters as GetTemplateSummary does."""
    return [
        {
            "ParameterKey": name,
            "ParameterType": one["Type"],
            "NoEcho": is_hidden(one),
            "Description": one.get("Description"),
            "DefaultValue": _default(one["Default"]) if "Default" in one else None,
            "ParameterConstraints": {"AllowedValues": list(map(_default, one["AllowedValues"]))}
            if "AllowedValues" in one
            else {},
        }
        for name, one in template.parameters.items()
    ]


def shown(template: Template, values: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the values as callers read them."""
    return [
        {"ParameterKey": name, "ParameterValue": MASK if _hides(template, name) else value}
        for name, value in values.items()
    ]


def is_hidden(declared: Mapping[str, Any]) -> bool:
    return str(declared.get("NoEcho", False)).lower() == "true"


def _hides(template: Template, name: str) -> bool:
    return is_hidden(template.parameters.get(name, {}))


def _default(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check(name: str, value: str, declared: Mapping[str, Any]) -> None:
    parts = value.split(",") if declared["Type"] in _LISTS else [value]
    for part in parts:
        fault = _fault(part, declared)
        if fault:
            stated = declared.get("ConstraintDescription")
            raise StackValidationError(f"Parameter '{name}' {stated or fault}")


def _fault(value: str, declared: Mapping[str, Any]) -> str | None:
    allowed = declared.get("AllowedValues")
    if allowed is not None and value not in map(_default, allowed):
        return "must be one of AllowedValues"
    if declared["Type"] in _NUMBERS:
        return _number_fault(value, declared)
    pattern = declared.get("AllowedPattern")
    if pattern is not None and not _matches(pattern, value):
        return f"must match pattern {pattern}"
    if len(value) < int(declared.get("MinLength", 0)):
        return f"must contain at least {declared['MinLength']} characters"
    if "MaxLength" in declared and len(value) > int(declared["MaxLength"]):
        return f"must contain at most {declared['MaxLength']} characters"
    return None


def _number_fault(value: str, declared: Mapping[str, Any]) -> str | None:
    if not _NUMBER.fullmatch(value):
        return "must be a number"
    number = float(value)
    if "MinValue" in declared and number < float(declared["MinValue"]):
        return f"must be a number not less than {declared['MinValue']}"
    if "MaxValue" in declared and number > float(declared["MaxValue"]):
        return f"must be a number not greater than {declared['MaxValue']}"
    return None


def _matches(pattern: str, value: str) -> bool:
    import regex

    try:
        return regex.fullmatch(pattern, value, timeout=1.0) is not None
    except (regex.error, TimeoutError) as error:
        raise StackValidationError(f"AllowedPattern {pattern[:128]} cannot be used.") from error
