"""The newest health report of each project, as JSON; it goes with the project."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from lensmith.store.records.tables import health_reports


def put(connection: Connection, project_id: int, report: bytes) -> None:
    """Replace the report of a project."""
    connection.execute(delete(health_reports).where(health_reports.c.project_id == project_id))
    connection.execute(insert(health_reports).values(project_id=project_id, report=report))


def get(connection: Connection, project_id: int) -> bytes | None:
    query = select(health_reports.c.report).where(health_reports.c.project_id == project_id)
    found = connection.execute(query).scalar()
    return None if found is None else bytes(found)
