"""A JSON body that is nearly all one blob, read without a look at every character of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pybase64

from lensmith.domain.errors import SerializationException

_LARGE = 64 << 10  # characters; below them it does not pay
_STAND_IN = secrets.token_bytes(18)  # which no client knows


def read_around_blob(body: bytes, read: Callable[[bytes], dict[str, Any]]) -> dict[str, Any] | None:
    """What `read` makes of a body with a short blob instead of the large one, which is put back.

    None when there is none in the middle of the body, or when it is not plain base64, the one
    text of a blob member: then the body must be read as it is.
    """
    start, end = _text_in_the_middle(body)
    if end - start < _LARGE:
        return None
    try:
        blob = pybase64.b64decode(memoryview(body)[start:end], validate=True)
        given = read(body[:start] + pybase64.b64encode(_STAND_IN) + body[end:])
    except (ValueError, SerializationException):
        return None
    return given if _put_back(given, blob) else None


def _text_in_the_middle(body: bytes) -> tuple[int, int]:
    """From the last quotation mark before the middle to the first behind it."""
    middle = len(body) // 2
    return body.rfind(b'"', 0, middle) + 1, body.find(b'"', middle)


def _put_back(given: dict[str, Any], blob: bytes) -> bool:
    """Whether a member was the stand-in."""
    for name, value in given.items():
        if value == _STAND_IN:
            given[name] = blob
            return True
        if isinstance(value, dict) and _put_back(value, blob):
            return True
    return False
