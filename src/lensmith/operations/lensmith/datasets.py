"""Finds datasets for the console: by project and type, or those of an account by pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lensmith.domain.caller import Caller
from lensmith.domain.dataset import Dataset
from lensmith.domain.errors import ResourceNotFoundException
from lensmith.domain.project import Project, ProjectStatus
from lensmith.operations import page
from lensmith.operations.call import Call, Permission, Service
from lensmith.operations.lensmith.sessions import iso_time
from lensmith.store.records import datasets, projects, tags
from lensmith.store.records.datasets import OfProject


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


@dataclass(frozen=True, slots=True)
class DatasetsPage:
    """May be short, or empty, and still have a next one: some may not be described."""

    datasets: list[ListedDataset]
    next: str | None  # the `token` of the next page


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
    service: Service, call: Call, limit: int, may: Callable[[Permission], bool]
) -> DatasetsPage:
    """List a page of those of the caller's account and this region that `may` be described.

    The newest project is first; the request's `project` names one. Raises
    InvalidPaginationTokenException.
    """
    after = page.start(service, call)
    with service.records.read() as connection:
        found = datasets.page(
            connection,
            call.caller.account_id,
            service.settings.region,
            project=call.request.get("project"),
            after=after,
            limit=limit + 1,
        )
        shown = found[:limit]
        tagged = tags.of_many(connection, [one.dataset.arn for one in shown])
    last = datasets.position_of(shown[-1].dataset) if len(found) > limit else None
    return DatasetsPage(
        [
            _listed(one)
            for one in shown
            if may(_to_describe(one.dataset.arn, tagged.get(one.dataset.arn, {})))
        ],
        page.next_token(service, call, last).get("NextToken"),
    )


def _to_describe(arn: str, tagged: Mapping[str, str]) -> Permission:
    return Permission("rekognition:DescribeDataset", arn, tagged, {})


def _listed(found: OfProject) -> ListedDataset:
    dataset = found.dataset
    return ListedDataset(
        dataset.arn,
        found.project,
        found.project_arn,
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
