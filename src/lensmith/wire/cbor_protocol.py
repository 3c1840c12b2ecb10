"""Parses and serialises Smithy RPC v2 CBOR by the shapes of a service model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cbor2
from botocore.model import ListShape, Shape, StructureShape

from lensmith.domain.errors import SerializationException
from lensmith.wire.json_protocol import read_decoded

CONTENT_TYPE = "application/cbor"
_MAX_DEPTH = 32  # a query of a metric has 7 levels
_EPOCH_TAG = 1
_REFUSED_TAGS = (0, 4, 5, 25, 28, 29, 30, 35, 36, 37, 100, 256, 258, 260, 261, 1004, 43000)
"""Tags that cbor2 decodes and the protocol lacks: references (few bytes that expand to many),
regular expressions, numbers that are costly to build, texts that are parsed."""


def parse_request(shape: StructureShape, body: bytes) -> dict[str, Any]:
    """Parse the members of a request, as `json_protocol.parse_request` returns them.

    Raises SerializationException for a body that is not CBOR or a value of the wrong type.
    """
    return read_decoded(shape, _decode(body) if body else {})


def serialize_response(shape: StructureShape, value: Mapping[str, Any]) -> bytes:
    """Serialise the body of a reply, without members of value None."""
    return cbor2.dumps(_written(shape, value))


def serialize_error(kind: str, message: str) -> bytes:
    return cbor2.dumps({"__type": kind, "message": message})


def _decode(body: bytes) -> Any:
    try:
        return cbor2.loads(
            body,
            max_depth=_MAX_DEPTH,
            semantic_decoders=dict.fromkeys(_REFUSED_TAGS, _refuse),
        )
    except (cbor2.CBORError, ValueError, TypeError, ArithmeticError) as error:
        raise SerializationException("The request body is not valid CBOR.") from error


def _refuse(*_: Any) -> None:
    raise ValueError("no such tag in this protocol")


def _written(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        return {
            name: _written(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [_written(shape.member, element) for element in value]
    if shape.type_name == "timestamp":
        return cbor2.CBORTag(_EPOCH_TAG, float(value))
    return value
