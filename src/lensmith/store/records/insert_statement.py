"""INSERT with ON CONFLICT, which both engines have under one name each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def insert_statement(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return the INSERT of the connection's engine."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_into_sqlite

        return insert_into_sqlite(table)
    from sqlalchemy.dialects.postgresql import insert  # whose import costs a start on SQLite

    return insert(table)
