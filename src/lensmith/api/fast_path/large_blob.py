"""Parses a JSON body that is nearly all one blob without decoding the blob as JSON."""

from __future__ import annotations

import secrets
from typing import Any

import pybase64
from botocore.model import StructureShape

from lensmith.domain.errors import SerializationException
from lensmith.wire.json_protocol import parse_request

_MIN_BLOB = 64 << 10  # characters; below them it does not pay
_MAX_REST = 64 << 10  # bytes; more JSON would hold up the event loop
_STAND_IN = secrets.token_bytes(18)  # no client can guess it
_STAND_IN_TEXT = pybase64.b64encode(_STAND_IN)


def parse_around_blob(shape: StructureShape, body: bytes) -> dict[str, Any] | None:
    """Parse as `parse_request` does, with a short blob in place of the large one.

    Returns None if there is no such blob, it is not plain base64 or the rest is long; the caller
    then parses the whole body.
    """
    start, end = _text_in_the_middle(body)
    if end - start < _MIN_BLOB or len(body) - (end - start) > _MAX_REST:
        return None
    try:
        blob = pybase64.b64decode(memoryview(body)[start:end], validate=True)
        given = parse_request(shape, body[:start] + _STAND_IN_TEXT + body[end:])
    except (ValueError, SerializationException):
        return None
    return given if _put_back(given, blob) else None


def _text_in_the_middle(body: bytes) -> tuple[int, int]:
    """Find the span from the last quotation mark before the middle to the first behind it."""
    middle = len(body) // 2
    return body.rfind(b'"', 0, middle) + 1, body.find(b'"', middle)


def _put_back(given: dict[str, Any], blob: bytes) -> bool:
    """Replace the stand-in by `blob`; False if no member is the stand-in."""
    for name, value in given.items():
        if value == _STAND_IN:
            given[name] = blob
            return True
        if isinstance(value, dict) and _put_back(value, blob):
            return True
    return False
