"""Tells a pooler that gives each transaction another session of PostgreSQL.

Locks of a session (who leads), and its settings, would belong to whichever server comes next.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, func, select


def shares_sessions(engine: Engine) -> bool:
    """Return whether two open connections to PostgreSQL were seen to have one session.

    PgBouncer in the mode `transaction` gives the session that one has just used to the next. Where
    it has others to give, this finds nothing.
    """
    with engine.connect() as one, engine.connect() as other:
        return _session(one) == _session(other)


def _session(connection: Connection) -> int:
    with connection.begin():
        return int(connection.execute(select(func.pg_backend_pid())).scalar_one())
