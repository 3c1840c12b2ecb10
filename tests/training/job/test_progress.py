"""What of a training's progress reaches the records."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from lensmith.domain.caller import Caller
from lensmith.domain.job import Job, JobKind, Progress, TrainingPoint
from lensmith.domain.project_version import ProjectVersion
from lensmith.domain.training_report import ClassifierPlan, TrainingPlan
from lensmith.store.records import jobs, project_versions, projects, training_points
from lensmith.store.records.engine import Records
from lensmith.training.job.progress import ProgressWriter


@pytest.fixture
def records(tmp_path: Path, empty_records: Path) -> Iterator[Records]:
    opened = Records.open(f"sqlite:///{shutil.copy(empty_records, tmp_path)}")
    yield opened
    opened.close()


@pytest.fixture
def version(records: Records) -> ProjectVersion:
    with records.write() as connection:
        project = projects.create(connection, "1" * 12, "us-east-1", "orchard")
        return project_versions.create(
            connection,
            project,
            "v1",
            output_bucket="results",
            output_prefix="",
            training_input={},
            testing_input={},
        )


@pytest.fixture
def job(records: Records, version: ProjectVersion) -> Job:
    caller = Caller("1" * 12, "arn", "AKIA")
    with records.write() as connection:
        return jobs.get(connection, jobs.enqueue(connection, JobKind.TRAIN, version.arn, caller))


@pytest.fixture
def report(
    records: Records, job: Job, version: ProjectVersion, clock: list[float]
) -> ProgressWriter:
    return ProgressWriter(records, job, version.id, lambda: clock[0])


@pytest.fixture
def clock() -> list[float]:
    """A clock that the test moves by hand."""
    return [100.0]


def written(records: Records, job: Job) -> Progress | None:
    with records.read() as connection:
        return jobs.get(connection, job.id).progress


def test_a_new_phase_is_written_at_once(
    records: Records, job: Job, report: ProgressWriter, clock: list[float]
) -> None:
    for phase in ("images", "training"):
        report(Progress(phase))
        assert written(records, job) == Progress(phase)


def test_a_phase_is_written_twice_a_second(
    records: Records, job: Job, report: ProgressWriter, clock: list[float]
) -> None:
    report(Progress("images", 1, 100))
    report(Progress("images", 2, 100))
    assert written(records, job) == Progress("images", 1, 100, eta_seconds=0.0)
    clock[0] += 0.6
    report(Progress("images", 3, 100))
    progress = written(records, job)
    assert progress is not None
    assert progress.step == 3


def test_the_time_left_is_estimated_where_training_does_not(
    records: Records, job: Job, report: ProgressWriter, clock: list[float]
) -> None:
    report(Progress("evaluation", 0, 40))
    clock[0] += 10
    report(Progress("evaluation", 10, 40))
    assert written(records, job) == Progress("evaluation", 10, 40, eta_seconds=30.0)
    clock[0] += 10
    report(Progress("evaluation", 20, 40, loss=0.25, eta_seconds=7.0))
    assert written(records, job) == Progress("evaluation", 20, 40, loss=0.25, eta_seconds=7.0)


def test_plan_and_budget_stay_once_they_are_known(
    records: Records, job: Job, report: ProgressWriter
) -> None:
    plan = TrainingPlan(ClassifierPlan(("lite0", "lite2"), folds=4))
    report(Progress("planning", budget_seconds=90.0, plan=plan))
    report(Progress("features"))
    assert written(records, job) == Progress("features", budget_seconds=90.0, plan=plan)


def test_records_that_are_away_do_not_end_a_training(
    records: Records, job: Job, report: ProgressWriter
) -> None:
    rename(records, "jobs", "away")
    report(Progress("images"))
    rename(records, "away", "jobs")
    assert written(records, job) is None


def rename(records: Records, table: str, new_name: str) -> None:
    with records.write() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO {new_name}"))


def curves(records: Records, version: ProjectVersion) -> list[TrainingPoint]:
    with records.read() as connection:
        return training_points.of_version(connection, version.id)


def test_losses_and_metrics_become_curves(
    records: Records, version: ProjectVersion, report: ProgressWriter, clock: list[float]
) -> None:
    report(Progress("images", 1, 9))
    clock[0] += 2
    report(Progress("training", 5, 20, loss=0.5))
    clock[0] += 2
    report(Progress("training", 10, 20, loss=float("nan"), metric=0.75))
    assert curves(records, version) == [
        TrainingPoint(2.0, "training", 5, 0.5, None),
        TrainingPoint(4.0, "training", 10, None, 0.75),
    ]


def test_curves_go_on_in_the_next_attempt(
    records: Records,
    version: ProjectVersion,
    job: Job,
    report: ProgressWriter,
    clock: list[float],
) -> None:
    clock[0] += 30
    report(Progress("training", 5, 20, loss=0.5))
    clock[0] += 500
    again = ProgressWriter(records, job, version.id, lambda: clock[0])
    clock[0] += 4
    again(Progress("training", 5, 20, loss=0.4))
    assert [point.seconds for point in curves(records, version)] == [30.0, 34.0]
