"""Moves the test part of a lone TRAIN dataset into the project's TEST dataset (api.md 2.14 b)."""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from lensmith.domain.dataset import Dataset, DatasetStatus, DatasetType
from lensmith.domain.job import Job
from lensmith.domain.project import Project
from lensmith.manifest.training.verdict import Part
from lensmith.store.records import datasets, entries, projects
from lensmith.store.records.engine import Records
from lensmith.store.records.leases import holding

_MESSAGE = "The dataset was successfully created."


def move_test_part(
    records: Records, job: Job, project: Project, train_arn: str, testing: Part
) -> bool:
    """Move the entries of `testing` out of the TRAIN dataset, all or none.

    False, with nothing changed, when the project has a TEST dataset by now (an earlier attempt of
    this job may have made it) or the TRAIN dataset is gone or being changed. Raises as `jobs.hold`
    does.
    """
    source_refs = [line.source_ref for line in testing.lines if line.source_ref is not None]
    try:
        with holding(records, job) as connection:
            projects.lock(connection, project.id)
            train = _movable(connection, project, train_arn)
            if train is None:
                return False
            _move(connection, project, train, source_refs)
    except IntegrityError:  # a TEST dataset was created at the same moment
        return False
    return True


def _movable(connection: Connection, project: Project, train_arn: str) -> Dataset | None:
    present = {dataset.type: dataset for dataset in datasets.of_project(connection, project.id)}
    train = present.get(DatasetType.TRAIN)
    if train is None or train.arn != train_arn or DatasetType.TEST in present:
        return None
    return train if train.status.has_content else None


def _move(connection: Connection, project: Project, train: Dataset, source_refs: list[str]) -> None:
    positions = entries.positions(connection, train.id, source_refs)
    if not positions:  # everything was replaced since the training began
        return
    test = datasets.create(
        connection, project, DatasetType.TEST, DatasetStatus.CREATE_COMPLETE, _MESSAGE
    )
    entries.move(connection, train.id, test.id, positions.values())
