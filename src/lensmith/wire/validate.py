"""Checks a parsed request against the constraints of the service model (api.md 1.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

import regex
from botocore.model import ListShape, MapShape, Shape, StructureShape

from lensmith.domain.errors import ValidationException

MAX_ERRORS = 50  # reported at once; a hostile request could break thousands
MAX_VALUE = 1024  # characters of a value repeated in the sentence
# Patterns such as `.*\S.*` take quadratic time. Every text with a pattern has a maximum below
# this, so a longer text is refused for its length alone.
MAX_MATCHED = 4096
_MAX_CACHED = 256  # characters of a text whose match is remembered
_NO_NUL = "Member must not contain the character U+0000"  # PostgreSQL cannot store it

Finding = tuple[str, str, str]  # value as printed, path, constraint


def validate(shape: StructureShape, request: Mapping[str, Any]) -> None:
    """Raise ValidationException naming every constraint that the request breaks.

    `request` is what `json_protocol.parse_request` returned for the same shape.
    """
    findings: list[Finding] = []
    for finding in _structure(shape, request, ""):
        findings.append(finding)
        if len(findings) == MAX_ERRORS:
            break
    if findings:
        raise ValidationException(_sentence(findings))


def _sentence(findings: list[Finding]) -> str:
    count = f"{len(findings)} validation error{'s' if len(findings) > 1 else ''} detected: "
    return count + "; ".join(
        f"Value {value} at '{path}' failed to satisfy constraint: {constraint}"
        for value, path, constraint in findings
    )


def _check(shape: Shape, value: Any, path: str) -> Iterator[Finding]:
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, path)
    elif isinstance(shape, ListShape):
        yield from _list(shape, value, path)
    elif isinstance(shape, MapShape):
        yield from _map(shape, value, path)
    else:
        for constraint in _broken(shape, value):
            yield _printed(value), path, constraint


def _structure(shape: StructureShape, value: Mapping[str, Any], path: str) -> Iterator[Finding]:
    for name, member in shape.members.items():
        if name in value:
            yield from _check(member, value[name], _member_path(path, name))
        elif name in shape.required_members:
            yield "null", _member_path(path, name), "Member must not be null"


def _list(shape: ListShape, value: list[Any], path: str) -> Iterator[Finding]:
    wrong_length = _length_constraint(shape, len(value))
    if wrong_length:
        yield _printed(value), path, wrong_length
        return
    if isinstance(shape.member, StructureShape):
        for index, element in enumerate(value, start=1):
            yield from _structure(shape.member, element, f"{path}.{index}.member")
    elif any(_broken(shape.member, element) for element in value):
        yield (
            _printed(value),
            path,
            f"Member must satisfy constraint: {_every(shape.member, value)}",
        )


def _map(shape: MapShape, value: dict[str, Any], path: str) -> Iterator[Finding]:
    wrong_length = _length_constraint(shape, len(value))
    if wrong_length:
        yield _printed(value), path, wrong_length
        return
    if any(_broken(shape.key, key) for key in value):
        yield _printed(value), path, f"Map keys must satisfy constraint: {_every(shape.key, value)}"
    values = value.values()
    if any(_broken(shape.value, element) for element in values):
        constraint = f"Map value must satisfy constraint: {_every(shape.value, values)}"
        yield _printed(value), path, constraint


def _broken(shape: Shape, value: Any) -> list[str]:
    """List the constraints of a scalar shape that a value of its type breaks."""
    if shape.type_name == "string":
        return _broken_by_text(shape, value)
    if shape.type_name == "blob":
        return [phrase for phrase in [_length_constraint(shape, len(value))] if phrase]
    if shape.type_name in {"integer", "long", "float"}:
        return [phrase for phrase in [_range_constraint(shape, value, "value")] if phrase]
    return []


def _broken_by_text(shape: Shape, text: str) -> list[str]:
    broken = [_length_constraint(shape, len(text))]
    pattern = shape.metadata.get("pattern")
    if pattern and len(text) <= MAX_MATCHED:
        matches = _matches_cached if len(text) <= _MAX_CACHED else _matches
        if not matches(pattern, text):
            broken.append(_pattern_phrase(pattern))
    allowed = shape.metadata.get("enum")
    if allowed and text not in allowed:
        broken.append(_enum_phrase(allowed))
    if "\0" in text:
        broken.append(_NO_NUL)
    return [phrase for phrase in broken if phrase]


def _length_constraint(shape: Shape, length: int) -> str | None:
    return _range_constraint(shape, length, "length")


def _range_constraint(shape: Shape, amount: float, measure: str) -> str | None:
    minimum, maximum = shape.metadata.get("min"), shape.metadata.get("max")
    if minimum is not None and not amount >= minimum:
        return _at_least(measure, minimum)
    if maximum is not None and not amount <= maximum:
        return _at_most(measure, maximum)
    return None


def _every(shape: Shape, values: Iterable[Any]) -> str:
    """List all constraints of a scalar shape, as AWS words a bad element of `values`."""
    measure = "length" if shape.type_name == "string" else "value"
    phrases = []
    if "max" in shape.metadata:
        phrases.append(_at_most(measure, shape.metadata["max"]))
    if "min" in shape.metadata:
        phrases.append(_at_least(measure, shape.metadata["min"]))
    if "pattern" in shape.metadata:
        phrases.append(_pattern_phrase(shape.metadata["pattern"]))
    if "enum" in shape.metadata:
        phrases.append(_enum_phrase(shape.metadata["enum"]))
    if any(isinstance(value, str) and "\0" in value for value in values):
        phrases.append(_NO_NUL)
    return f"[{', '.join(phrases)}]"


def _at_least(measure: str, minimum: float) -> str:
    return f"Member must have {measure} greater than or equal to {minimum}"


def _at_most(measure: str, maximum: float) -> str:
    return f"Member must have {measure} less than or equal to {maximum}"


def _pattern_phrase(pattern: str) -> str:
    return f"Member must satisfy regular expression pattern: {pattern}"


def _enum_phrase(allowed: list[str]) -> str:
    return f"Member must satisfy enum value set: [{', '.join(allowed)}]"


@cache
def _whole(pattern: str) -> regex.Pattern[str]:
    # The model means ASCII by \d, \s and \S, as Java does, but Unicode by \p{…}, which regex
    # would narrow too; no pattern of the model has both.
    return regex.compile(pattern, regex.UNICODE if r"\p" in pattern else regex.ASCII)


def _matches(pattern: str, text: str) -> bool:
    return _whole(pattern).fullmatch(text) is not None


_matches_cached = lru_cache(maxsize=4096)(_matches)  # callers name the same few ARNs


def _member_path(path: str, name: str) -> str:
    lower = name[0].lower() + name[1:]
    return f"{path}.{lower}" if path else lower


def _printed(value: Any) -> str:
    return f"'{_plain(value)}'"


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
    if isinstance(value, list):
        return _cut(f"[{', '.join(_plain(element) for element in value[:MAX_VALUE])}]")
    if isinstance(value, dict):
        shown = list(value.items())[:MAX_VALUE]
        return _cut("{" + ", ".join(f"{key}={_plain(element)}" for key, element in shown) + "}")
    return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"
