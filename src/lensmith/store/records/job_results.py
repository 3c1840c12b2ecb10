"""Results of jobs, as JSON."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from lensmith.store.records.tables import job_results


def put(connection: Connection, job_id: int, result: bytes) -> None:
    """Replace what a job has come to so far."""
    connection.execute(delete(job_results).where(job_results.c.job_id == job_id))
    connection.execute(insert(job_results).values(job_id=job_id, result=result))


def get(connection: Connection, job_id: int) -> bytes | None:
    query = select(job_results.c.result).where(job_results.c.job_id == job_id)
    found = connection.execute(query).scalar()
    return None if found is None else bytes(found)
