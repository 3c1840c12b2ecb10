"""Curves of trainings, thinned to a bounded number of points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, func, insert, select

from lensmith.domain.job import TrainingPoint
from lensmith.store.records.tables import training_points

MAX_POINTS = 500


def append(connection: Connection, version_id: int, point: TrainingPoint) -> None:
    """Append a point; past MAX_POINTS about every second one is deleted."""
    of_version = training_points.c.version_id == version_id
    count, last = connection.execute(
        select(func.count(), func.max(training_points.c.number)).where(of_version)
    ).one()
    number = 0 if last is None else last + 1
    connection.execute(
        insert(training_points).values(version_id=version_id, number=number, **asdict(point))
    )
    if count >= MAX_POINTS:
        _thin(connection, version_id)


def of_version(connection: Connection, version_id: int) -> list[TrainingPoint]:
    """Return the points of a version, oldest first."""
    columns = [training_points.c[name] for name in TrainingPoint.__dataclass_fields__]
    rows = connection.execute(
        select(*columns)
        .where(training_points.c.version_id == version_id)
        .order_by(training_points.c.number)
    )
    return [TrainingPoint(*row) for row in rows]


def last_seconds(connection: Connection, version_id: int) -> float:
    """Return the seconds of the last point; 0 if there are no points."""
    query = select(func.max(training_points.c.seconds)).where(
        training_points.c.version_id == version_id
    )
    return float(connection.execute(query).scalar() or 0.0)


def evenly_spread(seconds: Sequence[float], max_points: int) -> list[int]:
    """Return up to `max_points` indices of rising `seconds`, about evenly spread, ends kept."""
    if len(seconds) <= max_points:
        return list(range(len(seconds)))
    gap = (seconds[-1] - seconds[0]) / max(max_points - 2, 1)
    kept = [0]
    for index in range(1, len(seconds) - 1):
        if seconds[index] - seconds[kept[-1]] > gap:
            kept.append(index)
    return [*kept, len(seconds) - 1]


def _thin(connection: Connection, version_id: int) -> None:
    of_version = training_points.c.version_id == version_id
    rows = connection.execute(
        select(training_points.c.number, training_points.c.seconds)
        .where(of_version)
        .order_by(training_points.c.number)
    ).all()
    kept = set(evenly_spread([row.seconds for row in rows], MAX_POINTS // 2))
    dropped = [row.number for index, row in enumerate(rows) if index not in kept]
    connection.execute(
        delete(training_points).where(of_version, training_points.c.number.in_(dropped))
    )
