"""Curves of trainings: bounded, evenly spread, gone with their version."""

from __future__ import annotations

from itertools import pairwise

import pytest
from sqlalchemy import Connection, func, select

from lensmith.domain.job import TrainingPoint
from lensmith.domain.project import Project
from lensmith.domain.project_version import ProjectVersion
from lensmith.store.records import project_versions, training_points
from lensmith.store.records.tables import training_points as table
from lensmith.store.records.training_points import MAX_POINTS, evenly_spread


def version(connection: Connection, project: Project, name: str) -> ProjectVersion:
    return project_versions.create(
        connection,
        project,
        name,
        output_bucket="results",
        output_prefix="",
        training_input={},
        testing_input={},
    )


def test_a_long_training_keeps_its_ends_and_an_even_middle(
    write: Connection, project: Project
) -> None:
    long, short = version(write, project, "long"), version(write, project, "short")
    only = TrainingPoint(0.5, "training", 1, None, 0.25)
    training_points.append(write, short.id, only)
    kept = select(func.count()).select_from(table).where(table.c.version_id == long.id)
    reports = 2 * MAX_POINTS
    for number in range(reports):
        point = TrainingPoint(number / 2, "training", number, 1 / (1 + number), None)
        training_points.append(write, long.id, point)
        assert write.execute(kept).scalar_one() <= MAX_POINTS
    steps = [point.step for point in training_points.of_version(write, long.id)]
    assert (steps[0], steps[-1]) == (0, reports - 1)
    assert max(after - before for before, after in pairwise(steps)) <= 12
    assert training_points.last_seconds(write, long.id) == (reports - 1) / 2
    assert training_points.of_version(write, short.id) == [only]


def test_curves_go_with_their_version(write: Connection, project: Project) -> None:
    gone = version(write, project, "gone")
    training_points.append(write, gone.id, TrainingPoint(1.0, "training", 1, 0.5, None))
    project_versions.remove(write, gone)
    assert write.execute(select(table)).all() == []
    assert training_points.last_seconds(write, gone.id) == 0.0


@pytest.mark.parametrize(
    ("seconds", "most", "kept"),
    [
        ([], 4, []),
        ([1.0, 2.0], 4, [0, 1]),
        ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 4, [0, 4, 6]),
        ([3.0] * 9, 4, [0, 8]),
        ([0.0, 0.1, 0.2, 0.3, 0.4, 90.0], 4, [0, 5]),
    ],
)
def test_points_are_spread_evenly(seconds: list[float], most: int, kept: list[int]) -> None:
    assert evenly_spread(seconds, most) == kept
