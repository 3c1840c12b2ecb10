"""What of a training's progress reaches the records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from lensmith.domain.caller import Caller
from lensmith.domain.job import Job, JobKind, Progress
from lensmith.store.records import jobs
from lensmith.store.records.engine import Records
from lensmith.training.progress import ProgressWriter


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = Records.open(f"sqlite:///{tmp_path / 'records.db'}")
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def job(records: Records) -> Job:
    with records.write() as connection:
        job_id = jobs.enqueue(connection, JobKind.TRAIN, "arn", Caller("1" * 12, "arn", "AKIA"))
        return jobs.get(connection, job_id)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that the test moves by hand."""
    now = [100.0]
    monkeypatch.setattr("lensmith.training.progress.time.monotonic", lambda: now[0])
    return now


def written(records: Records, job: Job) -> Progress | None:
    with records.read() as connection:
        return jobs.get(connection, job.id).progress


def test_a_new_phase_is_written_at_once(records: Records, job: Job, clock: list[float]) -> None:
    report = ProgressWriter(records, job)
    for phase in ("images", "training"):
        report(Progress(phase))
        assert written(records, job) == Progress(phase)


def test_a_phase_is_written_twice_a_second(records: Records, job: Job, clock: list[float]) -> None:
    report = ProgressWriter(records, job)
    report(Progress("images", 1, 100))
    report(Progress("images", 2, 100))
    assert written(records, job) == Progress("images", 1, 100, eta_seconds=0.0)
    clock[0] += 0.6
    report(Progress("images", 3, 100))
    progress = written(records, job)
    assert progress is not None
    assert progress.step == 3


def test_the_time_left_is_estimated_where_training_does_not(
    records: Records, job: Job, clock: list[float]
) -> None:
    report = ProgressWriter(records, job)
    report(Progress("evaluation", 0, 40))
    clock[0] += 10
    report(Progress("evaluation", 10, 40))
    assert written(records, job) == Progress("evaluation", 10, 40, eta_seconds=30.0)
    clock[0] += 10
    report(Progress("evaluation", 20, 40, loss=0.25, eta_seconds=7.0))
    assert written(records, job) == Progress("evaluation", 20, 40, loss=0.25, eta_seconds=7.0)


def test_records_that_are_away_do_not_end_a_training(
    records: Records, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("update", {}, Exception("database is locked"))

    monkeypatch.setattr(jobs, "report", fail)
    ProgressWriter(records, job)(Progress("images"))
    assert written(records, job) is None
