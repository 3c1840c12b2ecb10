from __future__ import annotations

import pytest
from sqlalchemy import select
from tests.datasets.orchard import Orchard, image

from lensmith.domain.job import JobKind, JobStatus
from lensmith.store.published.opening import published_folders
from lensmith.store.records import artefacts, datasets, jobs, project_versions, projects, tags
from lensmith.store.records.tables import entries, entry_labels, entry_lines, labels
from lensmith.store.unreadable_folder import FolderMissingError


def test_a_deleted_dataset_leaves_nothing(orchard: Orchard) -> None:
    dataset = orchard.create([image(f"{number}.png", "pear") for number in range(2100)])
    with orchard.stores.records.write() as connection:
        tags.put(connection, dataset.arn, {"season": "autumn"})
    orchard.enqueue(JobKind.DELETE_DATASET, dataset.arn)

    orchard.work()

    with orchard.stores.records.read() as connection:
        assert datasets.find(connection, dataset.arn) is None
        assert tags.get(connection, dataset.arn) == {}
        for table in (entries, entry_lines, entry_labels, labels):
            assert connection.execute(select(table)).first() is None


def test_a_project_is_deleted(orchard: Orchard) -> None:
    orchard.enqueue(JobKind.DELETE_PROJECT, orchard.project.arn)
    orchard.work()
    with orchard.stores.records.read() as connection:
        assert projects.find(connection, orchard.project.arn) is None


def test_a_version_is_deleted_with_its_model_and_logs(orchard: Orchard) -> None:
    with orchard.stores.records.write() as connection:
        version = project_versions.create(
            connection,
            orchard.project,
            "v1",
            output_bucket="results",
            output_prefix="",
            training_input={},
            testing_input={},
        )
    models = [orchard.stores.settings.models_directory / str(version.id)]  # as before they were
    models.append(orchard.stores.settings.data_directory / "trained")
    for model in models:
        model.mkdir(parents=True)
        (model / "model.onnx").write_bytes(b"weights")
    folders = published_folders(orchard.stores.settings, orchard.stores.records)
    digest = folders.publish(models[1])
    with orchard.stores.records.write() as connection:
        artefacts.replace(connection, version, digest)
    training = orchard.enqueue(JobKind.TRAIN, version.arn)
    settings = orchard.stores.settings
    logs = [settings.model_log(version.id), settings.training_log(training)]
    logs += [log.with_name(f"{log.name}.1") for log in logs]
    others = [settings.model_log(version.id + 10), settings.training_log(training + 10)]
    settings.run_directory.mkdir(exist_ok=True)
    for log in (*logs, *others):
        log.write_text("loaded")
    orchard.enqueue(JobKind.DELETE_VERSION, version.arn)

    orchard.work()

    assert not models[0].exists()
    with pytest.raises(FolderMissingError):
        folders.read(digest, "model.onnx")
    assert [log for log in logs if log.exists()] == []
    assert all(log.exists() for log in others)
    with orchard.stores.records.read() as connection:
        assert project_versions.find(connection, version.arn) is None


def test_deleting_what_is_gone_succeeds(orchard: Orchard) -> None:
    kinds = (JobKind.DELETE_DATASET, JobKind.DELETE_PROJECT, JobKind.DELETE_VERSION)
    ids = [orchard.enqueue(kind, "gone") for kind in kinds]

    orchard.work()

    with orchard.stores.records.read() as connection:
        assert {jobs.get(connection, job_id).status for job_id in ids} == {JobStatus.SUCCEEDED}
