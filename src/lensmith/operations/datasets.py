"""CreateDataset, DescribeDataset and DeleteDataset (api.md 2.7 to 2.9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from lensmith.domain.dataset import DatasetStatus, DatasetType
from lensmith.domain.errors import (
    InvalidParameterException,
    ResourceAlreadyExistsException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from lensmith.domain.job import JobKind
from lensmith.domain.project import Project, ProjectStatus
from lensmith.operations import s3_object
from lensmith.operations.call import Call, Service
from lensmith.operations.owned import Owned, changing, viewing
from lensmith.store.records import datasets, jobs, tags


def create_dataset(service: Service, call: Call) -> dict[str, Any]:
    """Create a dataset: an empty one is complete at once, entries from elsewhere come by a job."""
    dataset_type = DatasetType(call.request["DatasetType"])
    source = call.request.get("DatasetSource") or {}
    with viewing(service, call) as owned:
        _open_project(owned, call.request["ProjectArn"], dataset_type)
        payload = _job_payload(owned, source)
    if payload is not None and payload["source"] == "manifest":
        s3_object.head(service, call, s3_object.named(source["GroundTruthManifest"]))
    try:
        with changing(service, call) as owned:
            project = _open_project(owned, call.request["ProjectArn"], dataset_type)
            arn = _create(owned, call, project, dataset_type, payload)
    except IntegrityError:
        raise _type_present(dataset_type) from None
    service.wake_jobs()
    return {"DatasetArn": arn}


def describe_dataset(service: Service, call: Call) -> dict[str, Any]:
    with viewing(service, call) as owned:
        dataset = owned.dataset(call.request["DatasetArn"])
    description = {
        "CreationTimestamp": dataset.created_ms / 1000,
        "LastUpdatedTimestamp": dataset.updated_ms / 1000,
        "Status": dataset.status.value,
        "StatusMessage": dataset.status_message,
        "StatusMessageCode": dataset.status_code.value,
        "DatasetStats": {
            "LabeledEntries": dataset.stats.labeled_entries,
            "TotalEntries": dataset.stats.total_entries,
            "TotalLabels": dataset.stats.total_labels,
            "ErrorEntries": dataset.stats.error_entries,
        },
    }
    return {"DatasetDescription": description}


def delete_dataset(service: Service, call: Call) -> dict[str, Any]:
    with changing(service, call) as owned:
        dataset = owned.dataset(call.request["DatasetArn"])
        if dataset.status.is_moving:
            raise ResourceInUseException(f"Dataset is in state {dataset.status.value}.")
        datasets.set_status(
            owned.connection,
            dataset.id,
            DatasetStatus.DELETE_IN_PROGRESS,
            "The dataset is being deleted.",
        )
        jobs.enqueue(owned.connection, JobKind.DELETE_DATASET, dataset.arn, call.caller)
    service.wake_jobs()
    return {}


def _open_project(owned: Owned, arn: str, dataset_type: DatasetType) -> Project:
    """Find the project and check that it takes a dataset of this type."""
    project = owned.project(arn)
    if project.status is ProjectStatus.DELETING:
        raise ResourceNotFoundException(arn)  # CreateDataset has no ResourceInUseException
    if any(each.type is dataset_type for each in datasets.of_project(owned.connection, project.id)):
        raise _type_present(dataset_type)
    return project


def _type_present(dataset_type: DatasetType) -> ResourceAlreadyExistsException:
    return ResourceAlreadyExistsException(
        f"The project already has a {dataset_type.value} dataset. Delete it first to replace it."
    )


def _job_payload(owned: Owned, source: Mapping[str, Any]) -> dict[str, Any] | None:
    """Build the payload of the job that fills the dataset; None for an empty dataset."""
    manifest, copied_arn = source.get("GroundTruthManifest"), source.get("DatasetArn")
    if manifest is not None and copied_arn is not None:
        raise InvalidParameterException(
            "DatasetSource takes either GroundTruthManifest or DatasetArn, not both."
        )
    if manifest is not None:
        named = s3_object.named(manifest)
        return {
            "source": "manifest",
            "bucket": named.bucket,
            "key": named.key,
            "version": named.version,
        }
    if copied_arn is not None:
        _refuse_unsettled(owned, copied_arn)
        return {"source": "dataset", "dataset_arn": copied_arn}
    return None


def _refuse_unsettled(owned: Owned, arn: str) -> None:
    source = owned.dataset(arn)
    if not source.status.has_content:
        raise InvalidParameterException(
            f"The source dataset is in state {source.status.value} and cannot be copied."
        )


def _create(
    owned: Owned,
    call: Call,
    project: Project,
    dataset_type: DatasetType,
    payload: Mapping[str, Any] | None,
) -> str:
    if payload is None:
        status, message = DatasetStatus.CREATE_COMPLETE, "The dataset was created without entries."
    else:
        status, message = DatasetStatus.CREATE_IN_PROGRESS, "The dataset is being created."
    dataset = datasets.create(owned.connection, project, dataset_type, status, message)
    tags.put(owned.connection, dataset.arn, call.request.get("Tags") or {})
    if payload is not None:
        jobs.enqueue(owned.connection, JobKind.CREATE_DATASET, dataset.arn, call.caller, payload)
    return dataset.arn
