"""A reply that is written whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

Headers = list[tuple[str, str]]

_REASONS = {status.value: status.phrase for status in HTTPStatus}


@dataclass(slots=True)
class Reply:
    """Status, headers and body; `Content-Length` is added when it is written."""

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes = b""


def head(status: int, headers: Iterable[tuple[str, str]]) -> bytes:
    """Render the head of a reply."""
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, '')}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def xml(status: int, document: str) -> Reply:
    """Return a reply with an XML document, without its declaration."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{document}'.encode()
    return Reply(status, [("Content-Type", "application/xml")], body)
