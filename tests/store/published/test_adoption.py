"""Models that lie on one server's disk become those of all, once there is a bucket."""

from __future__ import annotations

from dataclasses import replace

from tests.store.published.bench import FILES, Bench

from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.store.published.adoption import adopt
from lensmith.store.published.model import earlier_folder, is_within_reach, reading_model
from lensmith.store.published.opening import published_folders
from lensmith.store.records import project_versions, projects


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
    assert adopt(in_bucket.settings, in_bucket.records) == 2
    elsewhere = replace(in_bucket.settings, data_directory=folder.parent / "second")
    for version in (now(in_bucket, earlier), now(in_bucket, inside)):
        assert is_within_reach(elsewhere, in_bucket.elsewhere, version)
        with reading_model(elsewhere, in_bucket.records, version) as model:
            assert {name: (model / name).read_bytes() for name in FILES} == FILES
    assert folder.exists()  # units may still load it
    assert adopt(in_bucket.settings, in_bucket.records) == 0
    assert not folder.exists()
