"""Intrinsic functions of templates: Ref, Fn::GetAtt, Fn::Sub, Fn::Join."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lensmith.domain.stack_errors import TemplateError

SERVED = frozenset({"Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join"})
NO_VALUE = "AWS::NoValue"

_VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")
_PSEUDO = "AWS::"


@dataclass(frozen=True, slots=True)
class Values:
    """Holds what functions refer to; a resource that does not exist yet has neither."""

    references: Mapping[str, Any]  # of parameters, pseudo parameters and resources
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by resource


class _NoValue:
    pass


_NOTHING = _NoValue()


def resolve(value: Any, values: Values) -> Any:
    """Evaluate the functions in a value; raises TemplateError for a name that has no value."""
    found = _resolve(value, values)
    return None if found is _NOTHING else found


def unknown_functions(value: Any) -> list[str]:
    """Name the functions in a value that are not served."""
    found: dict[str, None] = {}
    for function, _ in _calls(value):
        if function not in SERVED:
            found[f"Intrinsic function {function} is not supported."] = None
    return list(found)


def names_in(value: Any) -> set[str]:
    """Return the names that functions refer to, without pseudo parameters."""
    return {name for name, _ in uses_in(value)}


def uses_in(value: Any) -> Iterator[tuple[str, str | None]]:
    """Yield each name that a function refers to, with the attribute of GetAtt."""
    for function, argument in _calls(value):
        if function == "Ref" and not str(argument).startswith(_PSEUDO):
            yield str(argument), None
        elif function == "Fn::GetAtt":
            name, _, attribute = _dotted(argument).partition(".")
            yield name, attribute
        elif function == "Fn::Sub":
            text, given = _sub_parts(argument)
            for is_literal, name in _VARIABLE.findall(text):
                if not is_literal and name not in given and not name.startswith(_PSEUDO):
                    resource, dot, attribute = name.partition(".")
                    yield resource, attribute if dot else None


def _calls(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if len(value) == 1 and (key == "Ref" or str(key).startswith("Fn::")):
                yield key, inner
            yield from _calls(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _calls(inner)


def _resolve(value: Any, values: Values) -> Any:
    if isinstance(value, list):
        elements = [_resolve(each, values) for each in value]
        return [each for each in elements if each is not _NOTHING]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        ((key, argument),) = value.items()
        if key in SERVED:
            return _call(key, argument, values)
    found = {key: _resolve(each, values) for key, each in value.items()}
    return {key: each for key, each in found.items() if each is not _NOTHING}


def _call(function: str, argument: Any, values: Values) -> Any:
    if function == "Ref":
        return _NOTHING if argument == NO_VALUE else _reference(str(argument), values)
    if function == "Fn::GetAtt":
        return _attribute(_dotted(argument), values)
    if function == "Fn::Join":
        return _join(argument, values)
    text, given = _sub_parts(argument)
    own = {name: _text(_resolve(each, values)) for name, each in given.items()}

    def replaced(match: re.Match[str]) -> str:
        is_literal, name = match.groups()
        if is_literal:
            return f"${{{name}}}"
        if name in own:
            return own[name]
        return _text(_attribute(name, values) if "." in name else _reference(name, values))

    return _VARIABLE.sub(replaced, text)


def _reference(name: str, values: Values) -> Any:
    if name not in values.references:
        raise TemplateError(f"Template format error: Unresolved dependency [{name}].")
    return values.references[name]


def _attribute(dotted: str, values: Values) -> str:
    name, _, attribute = dotted.partition(".")
    found = values.attributes.get(name, {}).get(attribute)
    if found is None:
        raise TemplateError(f"Template error: {name} has no attribute {attribute}.")
    return found


def _join(argument: Any, values: Values) -> str:
    match argument:
        case [str() as delimiter, parts]:
            resolved = _resolve(parts, values)
            if isinstance(resolved, list):
                return delimiter.join(map(_text, resolved))
    raise TemplateError("Template error: every Fn::Join needs a delimiter and a list.")


def _dotted(argument: Any) -> str:
    if isinstance(argument, list) and all(isinstance(part, str) for part in argument):
        return ".".join(argument)
    return str(argument)


def _sub_parts(argument: Any) -> tuple[str, Mapping[str, Any]]:
    match argument:
        case str():
            return argument, {}
        case [str() as text, Mapping() as given]:
            return text, given
    raise TemplateError("Template error: every Fn::Sub needs a text, or a text and a map.")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | Mapping):
        raise TemplateError("Template error: a list or map cannot be part of a text.")
    return str(value)
