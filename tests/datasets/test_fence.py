"""A dataset job that two servers run: the one that lost it writes nothing more."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.store.records.conftest import records

from lensmith.config import Settings
from lensmith.datasets import worker
from lensmith.datasets.batch_writer import BatchWriter
from lensmith.datasets.completion import dataset_of
from lensmith.datasets.stores import Stores
from lensmith.domain.caller import Caller
from lensmith.domain.dataset import Dataset, DatasetStatus, DatasetType
from lensmith.domain.job import Job, JobKind, JobStatus, Progress
from lensmith.store.objects import ObjectStores
from lensmith.store.records import datasets, entries, jobs, projects
from lensmith.store.records.engine import Records
from lensmith.store.records.labels import LabelIndex, Mention

__all__ = ["records"]
ANA = Caller("111122223333", "arn:aws:iam::111122223333:user/ana", "AKIAEXAMPLE")
LINES = 2500


def entry(number: int) -> entries.NewEntry:
    line = json.dumps({"source-ref": f"s3://images/{number:05}.png", "pear": 1})
    return entries.NewEntry(
        f"s3://images/{number:05}.png", line, True, False, {"pear": Mention.ON_IMAGE}
    )


@pytest.fixture
def queued(records: Records) -> Dataset:
    """A dataset that a queued job fills with a copy of another one."""
    with records.write() as connection:
        project = projects.create(connection, ANA.account_id, "us-east-1", "orchard")
        source = datasets.create(
            connection, project, DatasetType.TEST, DatasetStatus.CREATE_COMPLETE, "-"
        )
        index = LabelIndex.open(connection, source.id)
        entries.add(connection, index, enumerate(map(entry, range(LINES))))
        index.save(connection)
        entries.refresh_stats(connection, source.id)
        target = datasets.create(
            connection, project, DatasetType.TRAIN, DatasetStatus.CREATE_IN_PROGRESS, "-"
        )
        payload = {"source": "dataset", "dataset_arn": source.arn}
        jobs.enqueue(connection, JobKind.CREATE_DATASET, target.arn, ANA, payload)
    return target


def write_on(stores: Stores, job: Job, writer: BatchWriter) -> None:
    writer.put(entry(LINES + 1), Progress("entries", 1))
    writer.flush(Progress("entries", 1))


def fail(*_: object) -> None:
    raise OSError("the disk is full")


@pytest.mark.parametrize("on_waking", [write_on, fail])
def test_who_wakes_up_after_another_took_over_changes_nothing(
    records: Records,
    queued: Dataset,
    tmp_path: Path,
    on_waking: Callable[[Stores, Job, BatchWriter], None],
) -> None:
    settings = Settings(tmp_path)
    other = Stores(settings, records, ObjectStores(settings, records), "other")
    # Its lease expires at once, as that of a server which is paused.
    paused = replace(other, settings=replace(settings, lease_seconds=0), owner="paused")

    def pause(stores: Stores, job: Job) -> None:
        with records.read() as connection:
            dataset = dataset_of(connection, job.resource_arn)
        writer = BatchWriter(records, job, dataset, max_labels=250)
        for number in range(1000):
            writer.put(entry(number), Progress("entries", number))
        worker.recover_abandoned(other)
        assert worker.carry_out_next(other)
        on_waking(stores, job, writer)

    assert worker.carry_out_next(paused, {JobKind.CREATE_DATASET: pause})

    with records.read() as connection:
        dataset = dataset_of(connection, queued.arn)
        lines = list(entries.lines(connection, dataset.id))
        job = jobs.of_resource(connection, queued.arn)
    assert dataset.status is DatasetStatus.CREATE_COMPLETE
    assert dataset.stats.total_entries == LINES
    assert lines == [entry(number).line for number in range(LINES)]
    assert job is not None
    assert (job.status, job.attempts, job.owner) == (JobStatus.SUCCEEDED, 1, "other")
