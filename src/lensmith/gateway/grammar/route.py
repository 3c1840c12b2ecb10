"""Finds the operation of a request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote_plus

from lensmith.domain.s3_errors import S3Error
from lensmith.domain.s3_key import is_store_id
from lensmith.gateway.grammar.operation import Level, Operation
from lensmith.gateway.grammar.table import OPERATIONS, SUB_RESOURCES

Query = dict[str, str]

_SHORT = 200

# Parameters of the signature and of SDKs that choose nothing.
_SILENT = frozenset(
    {"x-id", "awsaccesskeyid", "content-md5", "content-type", "expires", "signature"}
)

_TABLE: dict[tuple[str, Level, str, bool], Operation] = {
    (row.method, row.level, row.mark, bool(row.with_header)): row for row in OPERATIONS
}
_MARKS_OF: dict[tuple[str, Level], tuple[str, ...]] = {}
for _row in OPERATIONS:
    if _row.mark:
        _MARKS_OF[_row.method, _row.level] = (
            *_MARKS_OF.get((_row.method, _row.level), ()),
            _row.mark,
        )


def read_query(query: str) -> Query:
    """Decode a query; of a name given twice the first value counts."""
    found: Query = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if "%" in name or "+" in name:
            name = unquote_plus(name)
        if "%" in value or "+" in value:
            value = _decoded(value)
        if name and name not in found:
            found[name] = value
    return found


def _decoded(text: str) -> str:
    return _unquote_short(text) if len(text) < _SHORT else unquote_plus(text)


@lru_cache(maxsize=1024)
def _unquote_short(text: str) -> str:
    """Decode a value that may come again and again: a credential, a prefix."""
    return unquote_plus(text)


def refuse_odd_ids(query: Query) -> None:
    """Raise S3Error for the id of a version or an upload that the store might take for a path."""
    if not is_store_id(query.get("versionId", "")):
        raise S3Error("InvalidArgument", "Invalid version id specified", ArgumentName="versionId")
    if not is_store_id(query.get("uploadId", "")):
        raise S3Error("NoSuchUpload")


def find_operation(
    method: str, level: Level, query: Query, headers: Mapping[str, str]
) -> Operation:
    """Return the operation that a request names.

    Raises S3Error: NotImplemented for a sub-resource that is not kept, and for parameters that
    S3 does not know in a request that changes something; MethodNotAllowed for what S3 has not.
    """
    mark = _mark(method, level, query)
    copies = method == "PUT" and "x-amz-copy-source" in headers
    operation = _TABLE.get((method, level, mark, copies))
    if operation is None and copies:
        operation = _TABLE.get((method, level, mark, False))
    if operation is None:
        raise S3Error("MethodNotAllowed")
    if query:
        _refuse_unknown(operation, query)
    return operation


def _mark(method: str, level: Level, query: Query) -> str:
    if not query or SUB_RESOURCES.isdisjoint(query):
        return ""
    for mark in _MARKS_OF.get((method, level), ()):
        if mark in query:
            return "" if mark == "list-type" and query[mark] != "2" else mark
    return ""


def _refuse_unknown(operation: Operation, query: Query) -> None:
    changes = operation.method not in {"GET", "HEAD"}
    for name in query:
        if name.startswith("X-Amz-") or name in operation.query or name == operation.mark:
            continue
        lowered = name.lower()
        if lowered in _SILENT or lowered.startswith("x-amz-"):
            continue
        if name in SUB_RESOURCES or changes:
            raise S3Error(
                "NotImplemented", f"This server does not keep the sub-resource {name[:64]!r}."
            )
