"""Counts the changes of identities in SQLite, by every process and program.

A key and its rights are read again only when the number has grown, not after each commit: metrics
are committed every few seconds. Made after all migrations, for one that makes a table anew takes
its triggers along.
"""

from __future__ import annotations

from sqlalchemy import Connection

_TABLES = (
    "access_keys",
    "group_members",
    "groups",
    "managed_policies",
    "policy_attachments",
    "policy_versions",
    "principals",
)
_EVENTS = ("INSERT", "UPDATE", "DELETE")

IDENTITY_VERSION = (
    "SELECT number FROM identity_version WHERE (SELECT count(*) FROM sqlite_master "
    "WHERE type = 'trigger' AND name GLOB 'identity_change_*') = "
    f"{len(_TABLES) * len(_EVENTS)}"
)
"""Reads the number; no row where a trigger is missing, so that nothing relies on it."""


def create_identity_triggers(connection: Connection) -> None:
    """Create the triggers that are missing; PostgreSQL needs none, because nothing is cached."""
    if connection.dialect.name != "sqlite":
        return
    for table in _TABLES:
        for event in _EVENTS:
            connection.exec_driver_sql(
                f"CREATE TRIGGER IF NOT EXISTS identity_change_{table}_{event.lower()} "
                f"AFTER {event} ON {table} "
                "BEGIN UPDATE identity_version SET number = number + 1; END"
            )
