"""Which versions keep pictures that they were called with."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, insert, select

from lensmith.store.records.review_tables import captures


@dataclass(frozen=True, slots=True)
class Capture:
    """The settings of one version; pictures lie under `prefix` in `bucket`."""

    version_id: int
    version_arn: str
    is_enabled: bool
    bucket: str
    prefix: str
    below_confidence: float  # percent
    max_images: int
    max_bytes: int
    keep_days: int
    updated_ms: int
    updated_by: str  # ARN


def put(connection: Connection, capture: Capture) -> None:
    """Replace the settings of a version."""
    remove(connection, capture.version_id)
    connection.execute(insert(captures).values(**asdict(capture)))


def get(connection: Connection, version_id: int) -> Capture | None:
    query = select(captures).where(captures.c.version_id == version_id)
    row = connection.execute(query).one_or_none()
    return Capture(**row._mapping) if row is not None else None


def every(connection: Connection) -> list[Capture]:
    rows = connection.execute(select(captures).order_by(captures.c.version_id))
    return [Capture(**row._mapping) for row in rows]


def remove(connection: Connection, version_id: int) -> None:
    connection.execute(delete(captures).where(captures.c.version_id == version_id))
