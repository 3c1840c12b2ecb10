"""Lists, updates and distributes the entries of datasets (api.md 2.10 to 2.13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lensmith.domain.dataset import Dataset, DatasetStatus, DatasetType
from lensmith.domain.errors import (
    InvalidParameterException,
    ResourceInUseException,
    ResourceNotReadyException,
)
from lensmith.domain.job import JobKind
from lensmith.domain.label import LabelUse
from lensmith.operations import page
from lensmith.operations.call import Call, Service
from lensmith.operations.owned import Owned, changing, viewing
from lensmith.store.records import datasets, entry_page, jobs, labels

_UPDATING = "The dataset is being updated."


def list_dataset_entries(service: Service, call: Call) -> dict[str, Any]:
    """List stored lines in manifest order that satisfy every filter."""
    request = call.request
    with viewing(service, call) as owned:
        dataset = _readable(owned, request["DatasetArn"])
        found = entry_page.page(
            owned.connection,
            dataset.id,
            after=page.start(service, call),
            limit=page.page_size(call),
            contains_labels=request.get("ContainsLabels") or (),
            labeled=request.get("Labeled"),
            source_ref_contains=request.get("SourceRefContains"),
            has_errors=bool(request.get("HasErrors")),  # false is no filter
        )
    return {
        "DatasetEntries": [entry.line for entry in found.entries],
        **page.next_token(service, call, found.next_position),
    }


def list_dataset_labels(service: Service, call: Call) -> dict[str, Any]:
    """List labels in order of first appearance, unused ones included."""
    size = page.page_size(call)
    with viewing(service, call) as owned:
        dataset = _readable(owned, call.request["DatasetArn"])
        found = labels.page(
            owned.connection, dataset.id, after=page.start(service, call), limit=size + 1
        )
    last = found[size - 1][0] if len(found) > size else None
    return {
        "DatasetLabelDescriptions": [_describe(use) for _, use in found[:size]],
        **page.next_token(service, call, last),
    }


def update_dataset_entries(service: Service, call: Call) -> dict[str, Any]:
    body: bytes = call.request["Changes"]["GroundTruth"]
    with changing(service, call) as owned:
        dataset = owned.dataset(call.request["DatasetArn"])
        if not dataset.status.has_content:
            raise ResourceInUseException(f"Dataset is in state {dataset.status.value}.")
        datasets.set_status(
            owned.connection, dataset.id, DatasetStatus.UPDATE_IN_PROGRESS, _UPDATING
        )
        jobs.enqueue(owned.connection, JobKind.UPDATE_DATASET, dataset.arn, call.caller, body=body)
    service.wake_jobs()
    return {}


def distribute_dataset_entries(service: Service, call: Call) -> dict[str, Any]:
    with changing(service, call) as owned:
        found = [owned.dataset(given["Arn"]) for given in call.request["Datasets"]]
        _refuse_unsettled(found)
        train, test = _train_and_test(found)
        for dataset in (train, test):
            datasets.set_status(
                owned.connection, dataset.id, DatasetStatus.UPDATE_IN_PROGRESS, _UPDATING
            )
        payload = {"train_dataset_arn": train.arn, "test_dataset_arn": test.arn}
        jobs.enqueue(owned.connection, JobKind.DISTRIBUTE_DATASET, train.arn, call.caller, payload)
    service.wake_jobs()
    return {}


def _readable(owned: Owned, arn: str) -> Dataset:
    """Find the dataset and check that its content can be listed now (api.md 3.2)."""
    dataset = owned.dataset(arn)
    detail = f"Dataset is in state {dataset.status.value}."
    if dataset.status in {DatasetStatus.CREATE_IN_PROGRESS, DatasetStatus.CREATE_FAILED}:
        raise ResourceNotReadyException(detail)
    if not dataset.status.has_content:
        raise ResourceInUseException(detail)
    return dataset


def _refuse_unsettled(found: Sequence[Dataset]) -> None:
    for dataset in found:
        if not dataset.status.has_content:
            raise ResourceNotReadyException(
                f"Dataset {dataset.arn} is in state {dataset.status.value}."
            )


def _train_and_test(found: Sequence[Dataset]) -> tuple[Dataset, Dataset]:
    """Tell the two datasets of one project apart; the test dataset must be empty."""
    by_type = {dataset.type: dataset for dataset in found}
    if len(by_type) != len(DatasetType):
        raise InvalidParameterException("Datasets must be one TRAIN and one TEST dataset.")
    train, test = by_type[DatasetType.TRAIN], by_type[DatasetType.TEST]
    if train.project_id != test.project_id:
        raise InvalidParameterException("Both datasets must belong to one project.")
    if test.stats.total_entries:
        raise InvalidParameterException("The TEST dataset must be empty.")
    return train, test


def _describe(use: LabelUse) -> dict[str, Any]:
    stats = {"EntryCount": use.entry_count}
    if use.box_count:
        stats["BoundingBoxCount"] = use.box_count
    return {"LabelName": use.name, "LabelStats": stats}
