"""CreateProjectVersion and DeleteProjectVersion (api.md 2.14, 2.16)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError

from lensmith.domain.errors import (
    InvalidParameterException,
    LimitExceededException,
    ResourceInUseException,
    ServiceQuotaExceededException,
)
from lensmith.domain.job import JobKind
from lensmith.domain.project import Project, ProjectStatus
from lensmith.domain.project_version import VersionStatus
from lensmith.domain.time_budget import requested_budget
from lensmith.operations import snapshot, training_source
from lensmith.operations.call import Call, Service
from lensmith.operations.hosting import in_state
from lensmith.operations.model_key import model_key, sealed_folder
from lensmith.operations.owned import Owned, changing, viewing
from lensmith.operations.training_source import DatasetSource, ManifestSource
from lensmith.store.published.opening import published_folders
from lensmith.store.records import datasets, jobs, project_versions, tags


def create_project_version(service: Service, call: Call) -> dict[str, Any]:
    """Snapshot the training data and queue the training; the version is visible at once."""
    name = call.request["VersionName"]
    with _frozen_source(service, call) as (source, digest, key_arn):
        try:
            with changing(service, call) as owned:
                project = _trainable_project(service, owned, call.request)
                _refuse_changed(owned, project, call.request, source)
                arn = _create(owned, call, project, source)
                payload = _job_payload(project, source, digest) | {
                    "budget_seconds": requested_budget(call.request.get("Tags") or {}),
                    **({} if key_arn is None else {"key": key_arn}),
                }
                jobs.enqueue(owned.connection, JobKind.TRAIN, arn, call.caller, payload)
        except IntegrityError:
            raise name_taken(name) from None
    service.wake_jobs()
    return {"ProjectVersionArn": arn}


def delete_project_version(service: Service, call: Call) -> dict[str, Any]:
    """Queue the deletion; a repeated call answers DELETING again; files in the bucket stay."""
    with changing(service, call) as owned:
        version = owned.version(call.request["ProjectVersionArn"])
        if not version.status.can_delete:
            raise in_state(version)
        if project_versions.is_being_copied(owned.connection, version):
            raise ResourceInUseException("The project version is being copied.")
        if version.status is not VersionStatus.DELETING:
            project_versions.set_status(owned.connection, version.id, VersionStatus.DELETING)
            jobs.enqueue(owned.connection, JobKind.DELETE_VERSION, version.arn, call.caller)
    service.wake_jobs()
    return {"Status": VersionStatus.DELETING.value}


@contextmanager
def _frozen_source(
    service: Service, call: Call
) -> Iterator[tuple[DatasetSource | ManifestSource, str | None, str | None]]:
    """Give the data source, its snapshot's digest, and the ARN of the key that is to encrypt.

    The snapshot is dropped if the block raises.

    The snapshot is written before the write transaction: a large dataset must not make
    every other writer wait.
    """
    directory = service.settings.snapshots_directory
    folders = published_folders(service.settings, service.records)
    with viewing(service, call) as owned:
        project = _trainable_project(service, owned, call.request)
        _refuse_unsupported(call.request)
        requested_budget(call.request.get("Tags") or {})  # before anything is written
        source = _choose(owned, project, call.request)
        key_arn = model_key(service, call, project.arn)
        seal = None
        if key_arn is not None:
            seal = partial(sealed_folder, service, key_arn, project.arn)
        digest = (
            snapshot.write(owned.connection, source, directory, folders, seal)
            if isinstance(source, DatasetSource)
            else None
        )
    try:
        yield source, digest, key_arn
    except BaseException:
        if digest is not None:
            snapshot.discard(folders, digest)
        raise


def open_project(service: Service, owned: Owned, arn: str, name: str) -> Project:
    """Find the project and check that a version of this name can be made in it now."""
    project = owned.project(arn)
    if project.status is ProjectStatus.DELETING:
        raise ResourceInUseException("The project is being deleted.")
    if project_versions.page(owned.connection, project.id, names=[name], limit=1):
        raise name_taken(name)
    limit = service.settings.quotas.versions_per_project
    if project_versions.count(owned.connection, project.id) >= limit:
        raise ServiceQuotaExceededException(f"The project has the maximum of {limit} versions.")
    return project


def name_taken(name: str) -> ResourceInUseException:
    return ResourceInUseException(f"The project has a version named {name}.")


def _trainable_project(service: Service, owned: Owned, request: Mapping[str, Any]) -> Project:
    project = open_project(service, owned, request["ProjectArn"], request["VersionName"])
    owned.lock_account()
    limit = service.settings.quotas.concurrent_trainings
    training = project_versions.count_in_states(
        owned.connection, owned.account_id, owned.region, {VersionStatus.TRAINING_IN_PROGRESS}
    )
    if training >= limit:
        raise LimitExceededException(f"At most {limit} trainings can be in progress.")
    return project


def _refuse_unsupported(request: Mapping[str, Any]) -> None:
    if not request["OutputConfig"].get("S3Bucket"):
        raise InvalidParameterException("OutputConfig needs an S3Bucket.")
    if request.get("FeatureConfig"):
        raise InvalidParameterException("FeatureConfig does not match the project's feature.")


def _choose(
    owned: Owned, project: Project, request: Mapping[str, Any]
) -> DatasetSource | ManifestSource:
    return training_source.choose(request, datasets.of_project(owned.connection, project.id))


def _refuse_changed(
    owned: Owned,
    project: Project,
    request: Mapping[str, Any],
    source: DatasetSource | ManifestSource,
) -> None:
    """Raise if the datasets changed since the snapshot, which an earlier transaction took."""
    if _choose(owned, project, request) != source:
        raise ResourceInUseException("A dataset of the project was changed during the call.")


def _create(
    owned: Owned, call: Call, project: Project, source: DatasetSource | ManifestSource
) -> str:
    request, output = call.request, call.request["OutputConfig"]
    from_datasets = isinstance(source, DatasetSource)
    version = project_versions.create(
        owned.connection,
        project,
        request["VersionName"],
        output_bucket=output["S3Bucket"],
        output_prefix=output.get("S3KeyPrefix") or "",
        training_input={} if from_datasets else request["TrainingData"],
        testing_input={"AutoCreate": False} if from_datasets else request["TestingData"],
        kms_key_id=request.get("KmsKeyId"),
        description=request.get("VersionDescription"),
    )
    tags.put(owned.connection, version.arn, request.get("Tags") or {})
    return version.arn


def _job_payload(
    project: Project, source: DatasetSource | ManifestSource, digest: str | None
) -> dict[str, Any]:
    if isinstance(source, DatasetSource):
        return {
            "snapshot": digest,
            "training_manifest": None,
            "testing_manifest": None,
            "auto_split": source.test is None,
            "move_split": source.test is None,
            "train_dataset_arn": source.train.arn,
            "project_arn": project.arn,
        }
    return {
        "snapshot": None,
        "training_manifest": source.training,
        "testing_manifest": source.testing,
        "auto_split": source.testing is None,
        "move_split": False,
        "train_dataset_arn": None,
        "project_arn": project.arn,
    }
