"""Models that lie on one server's disk become those of all, once there is a bucket."""

from __future__ import annotations

import os
from dataclasses import replace

from tests.store.published.bench import FILES, Bench

from lensmith.domain.caller import Caller
from lensmith.domain.job import JobKind
from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.server.file_upkeep import FileUpkeep
from lensmith.store.published.adoption import adopt, adopt_snapshots, rename_snapshot
from lensmith.store.published.model import earlier_folder, is_within_reach, reading_model
from lensmith.store.published.opening import published_folders
from lensmith.store.records import jobs, leases, project_versions, projects
from lensmith.store.records.leases import Lease

CALLER = Caller("000000000000", "arn:aws:iam::000000000000:user/admin", "key")


def trained(bench: Bench, name: str, artefact: str | None = None) -> ProjectVersion:
    with bench.records.write() as connection:
        project = projects.find_by_name(connection, "000000000000", "us-east-1", "parts")
        if project is None:
            project = projects.create(connection, "000000000000", "us-east-1", "parts")
        made = project_versions.create(
            connection,
            project,
            name,
            output_bucket="out",
            output_prefix="",
            training_input={},
            testing_input={},
        )
        status = VersionStatus.TRAINING_COMPLETED
        project_versions.finish_training(
            connection, made.id, status, result_files={}, artefact=artefact
        )
    return now(bench, made)


def now(bench: Bench, version: ProjectVersion) -> ProjectVersion:
    with bench.records.read() as connection:
        found = project_versions.find(connection, version.arn)
    assert found is not None
    return found


def test_models_of_one_disk_are_published_for_all(in_bucket: Bench) -> None:
    embedded = replace(in_bucket.settings, s3_endpoint_url="")
    digest = published_folders(embedded, in_bucket.records).publish(in_bucket.made())
    earlier, inside = trained(in_bucket, "earlier"), trained(in_bucket, "inside", digest)
    folder = earlier_folder(in_bucket.settings, earlier)
    folder.parent.mkdir()
    in_bucket.made().rename(folder)
    assert adopt(embedded, in_bucket.records) == 0
    for version in (earlier, inside):  # models that ran start again before they are published
        with reading_model(in_bucket.settings, in_bucket.records, version) as model:
            assert {name: (model / name).read_bytes() for name in FILES} == FILES
    assert adopt(in_bucket.settings, in_bucket.records) == 2
    elsewhere = replace(in_bucket.settings, data_directory=folder.parent / "second")
    for version in (now(in_bucket, earlier), now(in_bucket, inside)):
        assert is_within_reach(elsewhere, in_bucket.elsewhere, version)
        with reading_model(elsewhere, in_bucket.records, version) as model:
            assert {name: (model / name).read_bytes() for name in FILES} == FILES
    assert folder.exists()  # units may still load it
    assert adopt(in_bucket.settings, in_bucket.records) == 0
    assert not folder.exists()


def test_manifests_of_queued_trainings_become_those_of_all(in_bucket: Bench) -> None:
    embedded = replace(in_bucket.settings, s3_endpoint_url="")
    frozen = {"train.manifest": b"{}\n", "test.manifest": b""}
    digest = published_folders(embedded, in_bucket.records).publish(in_bucket.made(frozen))
    elsewhere = "0" * 64  # in the bucket already, or lost
    with in_bucket.records.write() as connection:
        ids = [
            jobs.enqueue(connection, JobKind.TRAIN, "arn", CALLER, {"snapshot": name})
            for name in (digest, elsewhere, None)
        ]
    assert adopt_snapshots(embedded, in_bucket.records) == 0
    assert adopt_snapshots(in_bucket.settings, in_bucket.records) == 1
    assert adopt_snapshots(in_bucket.settings, in_bucket.records) == 0
    with in_bucket.records.read() as connection:
        now_named, *others = (jobs.get(connection, job_id).payload["snapshot"] for job_id in ids)
    assert in_bucket.content(now_named, in_bucket.elsewhere) == frozen
    assert others == [elsewhere, None]


def test_a_training_that_another_server_took_keeps_its_manifests(in_bucket: Bench) -> None:
    with in_bucket.records.write() as connection:
        job_id = jobs.enqueue(connection, JobKind.TRAIN, "arn", CALLER, {"snapshot": "0" * 64})
        queued = jobs.get(connection, job_id)
        assert leases.claim(connection, [JobKind.TRAIN], Lease("another", 30), 1)
    assert not rename_snapshot(in_bucket.records, queued, "1" * 64)
    with in_bucket.records.read() as connection:
        taken = jobs.get(connection, job_id)
    assert taken.payload["snapshot"] == "0" * 64
    assert rename_snapshot(in_bucket.records, taken, "1" * 64)


def test_what_was_published_elsewhere_leaves_the_disk_in_time(in_bucket: Bench) -> None:
    embedded = replace(in_bucket.settings, s3_endpoint_url="")
    digest = published_folders(embedded, in_bucket.records).publish(in_bucket.made())
    model = trained(in_bucket, "inside", digest)
    folder = in_bucket.settings.files_directory / digest
    os.utime(folder, (0, 0))
    upkeep = FileUpkeep(in_bucket.settings, in_bucket.records, grace_seconds=0)
    assert upkeep.look() is None
    assert not folder.exists()
    assert in_bucket.content(str(now(in_bucket, model).artefact), in_bucket.elsewhere) == FILES
