"""Connects to databases of PostgreSQL that can hold every name, which those of UTF-8 can alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.pool import ConnectionPoolEntry

from lensmith.domain.errors import StartupError

_ENCODING = "UTF8"


def connect(dialect: Dialect, _: ConnectionPoolEntry, place: Any, options: Any) -> Any:
    """Listen to `do_connect`: return a connection of psycopg.

    Raises StartupError if the database has another encoding. PostgreSQL tells it with the
    connection, so that it costs nothing.
    """
    connection: Any = dialect.connect(*place, **options)
    encoding = connection.info.parameter_status("server_encoding")
    if encoding == _ENCODING:
        return connection
    name = connection.info.dbname
    connection.close()
    raise StartupError(
        f"The database {name} at LENSMITH_RECORDS_URL has the encoding {encoding}; Lensmith needs "
        f"{_ENCODING}. Make one with `createdb --encoding {_ENCODING} --template template0 NAME`."
    )
