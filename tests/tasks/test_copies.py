"""Copies that are killed are completed later, or fail without remains (K14 of copying.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.sharing import plant_model
from tests.tasks.killed_copy import AFTER_RENAME, carry_out

from lensmith.config import Settings
from lensmith.datasets.stores import Stores
from lensmith.domain.job import JobKind
from lensmith.domain.project import Project
from lensmith.domain.project_version import (
    SERVICE_FAULT,
    ProjectVersion,
    ResultFile,
    VersionStatus,
)
from lensmith.server.first_start import open_records
from lensmith.store.objects import ObjectStores
from lensmith.store.published.cache import FolderCache
from lensmith.store.published.folders import PublishedFolders
from lensmith.store.published.model import using_model
from lensmith.store.published.opening import published_folders, referenced
from lensmith.store.published.orphans import OrphanSweep
from lensmith.store.records import accounts, jobs, leases, project_versions, projects
from lensmith.store.records.leases import OWNER_VARIABLE
from lensmith.tasks import process
from lensmith.tasks.copies import copy_version, discard

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

POINTS = 20
CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_CONFIG_FILE")


@dataclass
class Copier:
    """A trained model in records of the test's own, whose copies are queued by hand."""

    stores: Stores
    environment: dict[str, str]
    s3: S3Client
    bucket: str
    project: Project
    source: ProjectVersion

    def queue(self, name: str, bucket: str = "") -> ProjectVersion:
        with self.stores.records.write() as connection:
            caller = accounts.list_access_keys(connection)[0].caller
            copy = project_versions.create_copy(
                connection,
                self.project,
                name,
                self.source,
                output_bucket=bucket or self.bucket,
                output_prefix="copies",
            )
            payload = {"source": self.source.arn}
            jobs.enqueue(connection, JobKind.COPY_VERSION, copy.arn, caller, payload)
        return copy

    def go_on(self) -> None:
        """What the process does that the server starts next."""
        process.run_queued(self.stores, JobKind.COPY_VERSION, copy_version, clean=discard)

    def now(self, version: ProjectVersion) -> ProjectVersion:
        with self.stores.records.read() as connection:
            found = project_versions.find(connection, version.arn)
        assert found is not None
        return found

    @property
    def folders(self) -> PublishedFolders:
        return published_folders(self.stores.settings, self.stores.records)

    def folder(self, version: ProjectVersion) -> Path:
        settings = self.stores.settings
        with using_model(settings, self.folders, self.now(version)) as folder:
            return folder

    def published(self) -> set[str]:
        """The digests in the system bucket, which the first publication makes."""
        bucket = self.stores.settings.system_bucket
        if bucket not in {each["Name"] for each in self.s3.list_buckets()["Buckets"]}:
            return set()
        found = self.s3.list_objects_v2(Bucket=bucket).get("Contents", ())
        return {each["Key"].split("/")[1] for each in found}

    def assert_complete(self, copy: ProjectVersion) -> None:
        ended = self.now(copy)
        assert ended.status is VersionStatus.COPYING_COMPLETED
        assert files(self.folder(copy)) == files(self.folder(self.source))
        assert set(ended.result_files) == set(ResultFile)
        for name, key in ended.result_files.items():
            stored = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            assert stored == (self.folder(copy) / "results" / f"{name}.json").read_bytes()

    def assert_nothing_left(self, *versions: ProjectVersion) -> None:
        """Only the models of these versions are there, once orphans are as old as it takes."""
        settings = self.stores.settings
        assert list(settings.copies_directory.iterdir()) == []
        with self.stores.records.read() as connection:
            named = referenced(connection)
        assert named == {self.now(version).artefact for version in versions} - {None}
        OrphanSweep(self.folders, lambda: named, age_seconds=0, grace_seconds=0).sweep()
        assert self.published() == named
        # A kill may leave half of a local copy, which goes when it is old.
        cache = settings.files_cache_directory, settings.files_cache_bytes
        FolderCache(*cache, abandoned_seconds=0).evict()
        assert {path.parent.name for path in settings.files_cache_directory.glob("*/i*")} == named


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def copier(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lensmith_env: dict[str, str],
    s3: S3Client,
    bucket: str,
) -> Iterator[Copier]:
    """Its objects are in the shared server's store."""
    environment = {name: lensmith_env[name] for name in CREDENTIALS}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    endpoint = lensmith_env["AWS_ENDPOINT_URL_S3"]
    settings = Settings(tmp_path, s3_endpoint_url=endpoint, system_bucket=f"system-{bucket}")
    records = open_records(settings)
    with records.write() as connection:
        project = projects.create(connection, "000000000000", "us-east-1", "parts")
    source = plant_model(tmp_path, records, project.arn)
    stores = Stores(settings, records, ObjectStores(settings, records))
    environment[OWNER_VARIABLE] = stores.owner
    yield Copier(stores, environment, s3, bucket, project, source)
    records.close()


def test_k14_a_copy_that_is_killed_anywhere_is_completed(copier: Copier) -> None:
    carried_out = partial(carry_out, copier.stores.settings, copier.environment)
    copies = [copier.queue("whole")]
    steps = carried_out()
    assert steps is not None
    assert steps >= POINTS
    copier.assert_complete(copies[0])
    evenly = [1 + number * (steps - 1) // POINTS for number in range(POINTS - 1)]
    for number, fatal in enumerate([*evenly, AFTER_RENAME]):
        copies.append(copier.queue(f"killed-{number}"))
        assert carried_out(fatal) is None
        assert copier.now(copies[-1]).status is VersionStatus.COPYING_IN_PROGRESS
    copier.go_on()
    for copy in copies:
        copier.assert_complete(copy)
    copier.assert_nothing_left(copier.source, *copies)


def test_k14_a_copy_whose_process_dies_again_and_again_fails(copier: Copier) -> None:
    copy = copier.queue("hopeless")
    killed = partial(carry_out, copier.stores.settings, copier.environment, AFTER_RENAME)
    assert killed() is None
    for _ in range(2):
        with copier.stores.records.write() as connection:
            job = jobs.of_resource(connection, copy.arn)
            assert job is not None
            leases.requeue(connection, job)
        assert killed() is None
    copier.go_on()
    ended = copier.now(copy)
    assert (ended.status, ended.status_message) == (VersionStatus.COPYING_FAILED, SERVICE_FAULT)
    assert (ended.result_files, ended.f1_score) == ({}, None)
    copier.assert_nothing_left(copier.source)


def test_k13_a_bucket_that_is_missing(copier: Copier) -> None:
    copy = copier.queue("nowhere", bucket="no-such-bucket")
    copier.go_on()
    ended = copier.now(copy)
    assert ended.status is VersionStatus.COPYING_FAILED
    assert ended.status_message == "Unable to write to output S3 bucket."
    copier.assert_nothing_left(copier.source)


def test_a_model_without_result_files_is_copied_without(copier: Copier) -> None:
    for path in (copier.folder(copier.source) / "results").iterdir():
        path.unlink()
    copy = copier.queue("older")
    copier.go_on()
    assert copier.now(copy).result_files == {}
    assert copier.now(copy).status is VersionStatus.COPYING_COMPLETED
    assert files(copier.folder(copy)) == files(copier.folder(copier.source))
