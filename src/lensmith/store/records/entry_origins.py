"""Where annotations of a dataset's entries come from."""

from __future__ import annotations

from sqlalchemy import Connection, func, or_, select

from lensmith.store.records.tables import entry_lines


def count_of_job(connection: Connection, dataset_id: int, prefix: str) -> int:
    """Count the entries with a job-name that begins so; reads all lines of the dataset."""
    line = entry_lines.c.line
    query = select(func.count()).where(
        entry_lines.c.dataset_id == dataset_id,
        or_(
            line.contains(f'"job-name":"{prefix}', autoescape=True),
            line.contains(f'"job-name": "{prefix}', autoescape=True),
        ),
    )
    return int(connection.execute(query).scalar_one())
