"""Finds datasets for the console: by project and type, or all of an account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lensmith.domain.caller import Caller
from lensmith.domain.dataset import Dataset
from lensmith.domain.errors import ResourceNotFoundException
from lensmith.domain.project import Project, ProjectStatus
from lensmith.operations.call import Permission, Service
from lensmith.operations.lensmith.sessions import iso_time
from lensmith.store.records import datasets, projects, tags


@dataclass(frozen=True, slots=True)
class ListedDataset:
    """One dataset of the account, with the members of DescribeDataset."""

    arn: str
    project: str
    project_arn: str
    type: str  # train | test
    status: str
    status_message: str
    status_code: str
    created_at: str
    updated_at: str
    images: int
    labels: int
    labeled: int
    errors: int


def find_project(service: Service, caller: Caller, name: str) -> Project:
    """Raises ResourceNotFoundException."""
    with service.records.read() as connection:
        project = projects.find_by_name(
            connection, caller.account_id, service.settings.region, name
        )
    if project is None or project.status is ProjectStatus.DELETING:
        raise ResourceNotFoundException(name)
    return project


def find_dataset(service: Service, caller: Caller, project_name: str, type_: str) -> Dataset:
    """Find the dataset of a project by its type; raises ResourceNotFoundException."""
    project = find_project(service, caller, project_name)
    with service.records.read() as connection:
        for dataset in datasets.of_project(connection, project.id):
            if dataset.type.value.lower() == type_:
                return dataset
    raise ResourceNotFoundException(f"the {type_} dataset of {project_name}")


def to_describe_all() -> Permission:
    return Permission("rekognition:DescribeProjects", "*", {}, {})


def list_datasets(
    service: Service, caller: Caller, may: Callable[[Permission], bool]
) -> list[ListedDataset]:
    """List those of the caller's account and this region that `may` be described.

    The newest project is first.
    """
    with service.records.read() as connection:
        found = datasets.of_account(connection, caller.account_id, service.settings.region)
        tagged = tags.of_many(connection, [dataset.arn for *_, dataset in found])
    return [
        _listed(name, arn, dataset)
        for name, arn, dataset in found
        if may(_to_describe(dataset.arn, tagged.get(dataset.arn, {})))
    ]


def _to_describe(arn: str, tagged: Mapping[str, str]) -> Permission:
    return Permission("rekognition:DescribeDataset", arn, tagged, {})


def _listed(project: str, project_arn: str, dataset: Dataset) -> ListedDataset:
    return ListedDataset(
        dataset.arn,
        project,
        project_arn,
        dataset.type.value.lower(),
        dataset.status.value,
        dataset.status_message,
        dataset.status_code.value,
        iso_time(dataset.created_ms),
        iso_time(dataset.updated_ms),
        dataset.stats.total_entries,
        dataset.stats.total_labels,
        dataset.stats.labeled_entries,
        dataset.stats.error_entries,
    )
