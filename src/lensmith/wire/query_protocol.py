"""Parses AWS Query forms and serialises replies as XML, by the shapes of a service model."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, SubElement, tostring

from botocore.model import ListShape, MapShape, Shape, StructureShape

from lensmith.domain.errors import SerializationException
from lensmith.wire.json_protocol import read_decoded

CONTENT_TYPE = "application/x-www-form-urlencoded"
_MAX_FIELDS = 60_000  # 500 queries of a metric with 30 dimensions have 34,000
_MAX_DEPTH = 16  # names and numbers in one key
_NUMBER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?", re.ASCII)
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Tree = dict[str, Any]  # a part of a key -> what follows it, or a text


def parse_form(body: bytes) -> dict[str, str]:
    """Parse the fields of a request, `Action` among them; raises SerializationException."""
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError as error:
        raise SerializationException("The request body is not a form.") from error
    return dict(pairs)


def read_request(shape: StructureShape, form: Mapping[str, str]) -> dict[str, Any]:
    """Parse the members of a request, as `json_protocol.parse_request` returns them.

    Raises SerializationException for a value of the wrong type.
    """
    return read_decoded(shape, _typed(shape, _tree(form)))


def serialize_response(
    operation: str,
    shape: StructureShape | None,
    value: Mapping[str, Any],
    request_id: str,
    namespace: str,
) -> bytes:
    """Serialise the body of a reply, without members of value None.

    An operation whose reply has no members is without a shape.
    """
    root = Element(f"{operation}Response", xmlns=namespace)
    if shape is not None:
        _write(SubElement(root, f"{operation}Result"), shape, value)
    SubElement(SubElement(root, "ResponseMetadata"), "RequestId").text = request_id
    return bytes(tostring(root, encoding="utf-8"))


def serialize_error(
    code: str, message: str, request_id: str, namespace: str, *, of_sender: bool
) -> bytes:
    root = Element("ErrorResponse", xmlns=namespace)
    error = SubElement(root, "Error")
    SubElement(error, "Type").text = "Sender" if of_sender else "Receiver"
    SubElement(error, "Code").text = code
    SubElement(error, "Message").text = _NOT_IN_XML.sub("\ufffd", message)
    SubElement(root, "RequestId").text = request_id
    return bytes(tostring(root, encoding="utf-8"))


def _tree(form: Mapping[str, str]) -> Tree:
    """Nest `a.member.1.b=c` as {"a": {"member": {"1": {"b": "c"}}}}."""
    tree: Tree = {}
    for key, text in form.items():
        *path, last = key.split(".", _MAX_DEPTH)
        place = tree
        for part in path:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise SerializationException(f"The parameter {key[:128]} is a value and more.")
        if last in place:
            raise SerializationException(f"The parameter {key[:128]} is a value and more.")
        place[last] = text
    return tree


def _typed(shape: Shape, given: Any) -> Any:
    if isinstance(shape, StructureShape):
        return _typed_structure(shape, given)
    if isinstance(shape, ListShape):
        return _typed_list(shape, given)
    if isinstance(shape, MapShape):
        return _typed_map(shape, given)
    if not isinstance(given, str):
        raise SerializationException(f"A {shape.type_name} cannot have members.")
    return _TYPES.get(shape.type_name, str)(given)


def _typed_structure(shape: StructureShape, given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise SerializationException("A structure needs members.")
    return {
        name: _typed(member, given[name]) for name, member in shape.members.items() if name in given
    }


def _typed_list(shape: ListShape, given: Any) -> list[Any]:
    if given == "":  # how clients send an empty list
        return []
    elements = given.get("member") if isinstance(given, dict) else None
    if not isinstance(elements, dict) or not all(map(_NUMBER.fullmatch, elements)):
        raise SerializationException("A list has members by number, from 1 on.")
    return [_typed(shape.member, elements[number]) for number in sorted(elements, key=int)]


def _typed_map(shape: MapShape, given: Any) -> dict[str, Any]:
    entries = given.get("entry") if isinstance(given, dict) else None
    if not isinstance(entries, dict):
        raise SerializationException("A map has entries by number, from 1 on.")
    typed: dict[str, Any] = {}
    for entry in entries.values():
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
            raise SerializationException("An entry of a map has a key and a value.")
        typed[entry["key"]] = _typed(shape.value, entry.get("value"))
    return typed


def _integer(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise SerializationException(f"'{text[:64]}' is not an integer.")
    return int(text)


def _decimal(text: str) -> float:
    if not _DECIMAL.fullmatch(text):
        raise SerializationException(f"'{text[:64]}' is not a number.")
    return float(text)


def _boolean(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise SerializationException(f"'{text[:64]}' must be true or false.")
    return text.lower() == "true"


def _timestamp(text: str) -> float:
    """Parse ISO 8601 (UTC without a zone) or epoch seconds into epoch seconds."""
    if _DECIMAL.fullmatch(text):
        return float(text)
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError) as error:
        raise SerializationException("timestamp must follow ISO8601") from error


_TYPES: dict[str, Callable[[str], Any]] = {
    "integer": _integer,
    "long": _integer,
    "float": _decimal,
    "double": _decimal,
    "boolean": _boolean,
    "timestamp": _timestamp,
}


def _write(element: Element, shape: Shape, value: Any) -> None:
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            if value.get(name) is not None:
                _write(SubElement(element, name), member, value[name])
    elif isinstance(shape, ListShape):
        for each in value:
            _write(SubElement(element, "member"), shape.member, each)
    elif isinstance(shape, MapShape):
        for key, each in value.items():
            entry = SubElement(element, "entry")
            _write(SubElement(entry, "key"), shape.key, key)
            _write(SubElement(entry, "value"), shape.value, each)
    else:
        element.text = _text(shape, value)


def _text(shape: Shape, value: Any) -> str:
    if shape.type_name == "timestamp":
        return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    return _NOT_IN_XML.sub("\ufffd", str(value))
