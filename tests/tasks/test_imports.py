"""Imports that did not succeed leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from tests.support.eventually import until

from lensmith.config import Settings
from lensmith.datasets.delete import delete_dataset
from lensmith.datasets.stores import Stores
from lensmith.domain.caller import Caller
from lensmith.domain.dataset import DatasetStatus, DatasetType
from lensmith.domain.job import Job, JobKind
from lensmith.domain.project import Project
from lensmith.store.objects import ObjectStores
from lensmith.store.records import datasets, jobs, projects
from lensmith.store.records.engine import Records
from lensmith.store.records.schema import migrate
from lensmith.tasks import imports
from lensmith.tasks.dropped_lines import Dropped
from lensmith.tasks.imports import remove_made

ACCOUNT = "000000000000"
SOURCE = {"format": "ground-truth", "uri": "s3://farm/apples.manifest"}


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    settings = Settings(tmp_path)
    records = Records.open(f"sqlite:///{tmp_path / 'records.db'}")
    migrate(records)
    yield Stores(settings, records, ObjectStores(settings, records))
    records.close()


USER = Caller(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/eve", "AKIAGONE")  # no such key


def begun(stores: Stores) -> tuple[Job, Project]:
    """An import, and its project."""
    with stores.records.write() as connection:
        project = projects.create(connection, ACCOUNT, "us-east-1", "orchard")
        payload = {"type": "train", "source": SOURCE, "target": "s3://farm/imports/"}
        number = jobs.enqueue(
            connection, JobKind.IMPORT_DATASET, project.arn, USER, {**payload, "project": "orchard"}
        )
        return jobs.get(connection, number), project


def half_made(stores: Stores) -> tuple[Job, str]:
    """An import, and the ARN of the dataset that it made."""
    job, project = begun(stores)
    with stores.records.write() as connection:
        made = datasets.create(
            connection, project, DatasetType.TRAIN, DatasetStatus.CREATE_COMPLETE, ""
        )
        creation = {"source": "manifest", "bucket": "farm", "key": "apples.manifest"}
        jobs.enqueue(connection, JobKind.CREATE_DATASET, made.arn, USER, creation)
    return job, made.arn


def test_a_half_made_dataset_goes_when_the_key_of_its_caller_is_gone(stores: Stores) -> None:
    job, arn = half_made(stores)
    cleaning = Thread(target=remove_made, args=(stores, job), daemon=True)
    cleaning.start()

    def deletions() -> list[Job]:
        with stores.records.read() as connection:
            return jobs.queued(connection, {JobKind.DELETE_DATASET})

    until(lambda: bool(deletions()), message="nothing deletes the dataset")
    (deletion,) = deletions()
    delete_dataset(stores, deletion)
    cleaning.join(30)
    assert not cleaning.is_alive()
    with stores.records.read() as connection:
        assert datasets.find(connection, arn) is None


def test_an_import_has_removed_what_it_unpacked_before_its_end_is_recorded(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, _ = begun(stores)
    directory = stores.settings.data_directory / "imports"
    left: list[list[Path]] = []

    class Unpacking:
        def __init__(self, _: Stores, __: Job, scratch: Path) -> None:
            (scratch / "unpacked").mkdir()

        def run(self) -> Dropped:
            assert [*directory.rglob("unpacked")]
            return Dropped()

    monkeypatch.setattr(imports, "_Import", Unpacking)
    monkeypatch.setattr(imports, "_complete", lambda *_: left.append([*directory.iterdir()]))
    imports.import_task(stores, job)
    assert left == [[]]
