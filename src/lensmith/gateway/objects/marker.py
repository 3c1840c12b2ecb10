"""Where a listing goes on: the store takes a marker outside of the prefix for a place of its own.

It would list the keys after the marker there, which were not judged.
"""

from __future__ import annotations

from urllib.parse import unquote

from lensmith.domain.s3_errors import S3Error
from lensmith.domain.s3_key import has_dot_part, is_ambiguous_prefix
from lensmith.gateway.grammar.route import Query

# By operation, the first that is there counts; the store gets no others.
_MARKERS = {
    "ListObjects": ("marker",),
    "ListObjectsV2": ("continuation-token", "start-after"),
}


def keep_within(operation: str, query: Query) -> None:
    """Change a listing's query so that it goes on under its prefix; raises S3Error."""
    markers = _MARKERS[operation]
    if is_ambiguous_prefix(query.get("prefix", "")):  # with which no key begins
        query["max-keys"] = "0"
    name = next((each for each in markers if each in query), None)
    if name is None or not query[name]:
        return
    marker = marker_within(query.get("prefix", ""), query.get("delimiter", ""), query[name])
    if marker:
        query[name] = marker
        return
    for each in markers:
        query.pop(each, None)
    if marker is None:
        query["max-keys"] = "0"


def marker_within(prefix: str, delimiter: str, marker: str) -> str | None:
    """Return a marker under the prefix after which the same keys follow.

    Empty: all keys of the prefix follow; None: none does. A marker below a common prefix becomes
    that prefix: its keys are not listed one by one.
    """
    marker = marker.lstrip("/")
    for given in (marker, unquote(marker)):  # some of the store's own tokens are encoded
        _refuse_odd(given)
        if given.startswith(prefix):
            rest = given[len(prefix) :]
            if delimiter and delimiter in rest:
                return prefix + rest[: rest.index(delimiter) + len(delimiter)]
            return given
    return "" if marker < prefix else None


def _refuse_odd(marker: str) -> None:
    if "\\" in marker or "\0" in marker or has_dot_part(marker):
        raise S3Error(
            "InvalidArgument",
            "No key has a backslash, or a part that is '.' or '..'.",
            ArgumentName="marker",
            ArgumentValue=marker.replace("\0", ""),
        )
