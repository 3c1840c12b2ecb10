"""A row of S3's grammar."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """Says what a path names."""

    SERVICE = "service"
    BUCKET = "bucket"
    OBJECT = "object"


class Body(Enum):
    """Says what an operation reads of a request's body."""

    NONE = "none"
    DOCUMENT = "document"  # XML or JSON, small
    OBJECT = "object"  # streamed


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation: how a request names it, and what it needs.

    `mark` is the query parameter that tells it from others of the same method and level, and
    `query` are those that go on to the store. `action` is the IAM action on the bucket or object;
    empty where the permissions are found elsewhere (`permissions.py`).
    """

    name: str
    method: str
    level: Level
    mark: str = ""
    action: str = ""
    query: tuple[str, ...] = ()
    body: Body = Body.NONE
    with_header: str = ""  # a header that tells it from another of the same mark
    versioned_action: str = ""  # instead of `action` when the request names a version
