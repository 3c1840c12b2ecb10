"""Tags of projects, datasets and project versions, keyed by ARN."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select

from lensmith.store.records.record_cache import outlasts_outage
from lensmith.store.records.tables import tags

_LISTED = 500  # values in one IN list

# Built once: every call of the API reads tags.
_OF_RESOURCE = (
    select(tags.c.key, tags.c.value)
    .where(tags.c.resource_arn == bindparam("given"))
    .order_by(tags.c.key)
)


@outlasts_outage
def get(connection: Connection, resource_arn: str) -> dict[str, str]:
    rows = connection.execute(_OF_RESOURCE, {"given": resource_arn})
    return {row.key: row.value for row in rows}


def of_many(connection: Connection, resource_arns: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the tags of those resources that have any."""
    found: dict[str, dict[str, str]] = {}
    for start in range(0, len(resource_arns), _LISTED):
        some = resource_arns[start : start + _LISTED]
        query = select(tags).where(tags.c.resource_arn.in_(some)).order_by(tags.c.key)
        for row in connection.execute(query):
            found.setdefault(row.resource_arn, {})[row.key] = row.value
    return found


def put(connection: Connection, resource_arn: str, given: Mapping[str, str]) -> None:
    """Merge `given` into the resource's tags; equal keys are overwritten."""
    if not given:
        return
    remove(connection, resource_arn, given)
    connection.execute(
        insert(tags),
        [
            {"resource_arn": resource_arn, "key": key, "value": value}
            for key, value in given.items()
        ],
    )


def remove(connection: Connection, resource_arn: str, keys: Iterable[str]) -> None:
    """Delete these keys; absent ones are ignored."""
    connection.execute(
        delete(tags).where(tags.c.resource_arn == resource_arn, tags.c.key.in_(list(keys)))
    )


def remove_all(connection: Connection, resource_arn: str) -> None:
    connection.execute(delete(tags).where(tags.c.resource_arn == resource_arn))
