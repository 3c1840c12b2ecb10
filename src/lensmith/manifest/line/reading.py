"""Splits a manifest into lines and parses a line into a JSON object (manifests.md 1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from lensmith.manifest.line.finding import Code, ManifestFileError
from lensmith.manifest.line.quotas import LINE_CHARACTERS, NESTING_MAXIMUM

_BOM = b"\xef\xbb\xbf"
_UTF8_BYTES = 4  # of one character, at most
_KEPT_BYTES = LINE_CHARACTERS * _UTF8_BYTES + 1
_BLANK = b" \t\r\n"

_decode = msgspec.json.Decoder().decode


def read_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a manifest without their ends, from chunks cut anywhere.

    A BOM is dropped. Of a line too long to be valid only the beginning is kept, so that memory
    stays bounded. Raises ManifestFileError when a line is not UTF-8.
    """
    first = True
    for line in _cut(chunks):
        whole = len(line) < _KEPT_BYTES
        text = line.removeprefix(_BOM) if first else line
        first = False
        if whole and not is_utf8(text):
            raise ManifestFileError(Code.ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT)
        yield text.removesuffix(b"\r")


def parse(line: bytes) -> dict[str, Any] | None:
    """Parse a line into a JSON object; None if it is not one (ERROR_INVALID_JSON_LINE)."""
    if is_too_long(line):
        return None
    try:
        value = _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) and not _is_too_deep(line, value) else None


def is_blank(line: bytes) -> bool:
    return not line.strip(_BLANK)


def is_too_long(line: bytes) -> bool:
    """Return whether the line has more than 100,000 characters."""
    size = len(line)
    if size <= LINE_CHARACTERS:
        return False
    return size >= _KEPT_BYTES or len(line.decode(errors="replace")) > LINE_CHARACTERS


def is_utf8(text: bytes) -> bool:
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _cut(chunks: Iterable[bytes]) -> Iterator[bytes]:
    pending = bytearray()
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for segment in ended:
            if pending:
                _keep(pending, segment)
                yield bytes(pending)
                pending.clear()
            else:
                yield segment[:_KEPT_BYTES]
        _keep(pending, rest)
    if pending:
        yield bytes(pending)


def _keep(pending: bytearray, more: bytes) -> None:
    pending += more[: _KEPT_BYTES - len(pending)]


def _is_too_deep(line: bytes, value: dict[str, Any]) -> bool:
    """Return whether containers nest so deep that rewriting the line could exhaust the stack."""
    if line.count(b"[") + line.count(b"{") <= NESTING_MAXIMUM:
        return False
    level: list[Any] = [value]
    for _ in range(NESTING_MAXIMUM):
        level = [inner for outer in level for inner in _inside(outer)]
    return bool(level)


def _inside(container: Any) -> list[Any]:
    values = container.values() if isinstance(container, dict) else container
    return [value for value in values if isinstance(value, dict | list)]
