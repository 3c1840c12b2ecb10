"""DELETE_DATASET, DELETE_PROJECT and DELETE_VERSION. Nothing in a caller's bucket is deleted."""

from __future__ import annotations

from pathlib import Path

from lensmith.datasets.completion import completing, empty
from lensmith.datasets.stores import Stores
from lensmith.domain.job import Job, JobKind
from lensmith.store.outage import PATIENCE_SECONDS
from lensmith.store.published.model import remove_model
from lensmith.store.published.opening import published_folders
from lensmith.store.records import datasets, jobs, project_versions, projects


def delete_dataset(stores: Stores, job: Job) -> None:
    """Empty the dataset in short transactions, then remove it."""
    with stores.records.read() as connection:
        dataset = datasets.find(connection, job.resource_arn)
    if dataset is not None:
        empty(stores.records, job, dataset.id)
    with completing(stores.records, job) as connection:
        if dataset is not None:
            datasets.remove(connection, dataset)


def delete_project(stores: Stores, job: Job) -> None:
    """Remove a project that the operation found empty."""
    with completing(stores.records, job) as connection:
        project = projects.find(connection, job.resource_arn)
        if project is not None:
            projects.remove(connection, project)


def delete_version(stores: Stores, job: Job) -> None:
    """Delete the model's files and its logs, then the version."""
    with stores.records.read() as connection:
        version = project_versions.find(connection, job.resource_arn)
        training = jobs.of_resource(connection, job.resource_arn, JobKind.TRAIN)
    if version is not None:
        folders = published_folders(stores.settings, stores.records, PATIENCE_SECONDS)
        remove_model(stores.settings, folders, version)
        _remove_log(stores.settings.model_log(version.id))
    if training is not None:
        _remove_log(stores.settings.training_log(training.id))
    with completing(stores.records, job) as connection:
        if version is not None:
            project_versions.remove(connection, version)


def _remove_log(log: Path) -> None:
    """Delete a log and its rotated part (`child_process.start`)."""
    for path in log.parent.glob(f"{log.name}*"):
        path.unlink(missing_ok=True)
