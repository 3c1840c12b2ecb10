"""Ends PostgreSQL sessions that hold a job although their process says nothing any more.

A process that is paused between two statements loses its transaction by
`idle_in_transaction_session_timeout` (see `engine`). One that is paused while it sends a batch has
an active session in the eyes of PostgreSQL, which no timeout of PostgreSQL 15 ends.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

# xmax of a row that is locked or changed is the transaction that does it; a session names its own
# only to its own role and to superusers.
_END = text(
    """
    SELECT count(pg_terminate_backend(session.pid))
    FROM jobs JOIN pg_stat_activity AS session ON session.backend_xid = jobs.xmax
    WHERE jobs.id = ANY(:job_ids)
      AND session.wait_event_type = 'Client'
      AND session.state_change < clock_timestamp() - make_interval(secs => :seconds)
    """
)


def end_silent(connection: Connection, job_ids: list[int], seconds: float) -> int:
    """End the sessions that have one of the jobs locked and said nothing for `seconds`.

    Returns how many there were; their transactions are undone.
    """
    if connection.dialect.name != "postgresql" or not job_ids:
        return 0
    ended = connection.execute(_END, {"job_ids": job_ids, "seconds": seconds}).scalar_one()
    return int(ended)
