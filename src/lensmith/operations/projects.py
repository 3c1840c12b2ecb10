"""CreateProject, DeleteProject and DescribeProjects (api.md 2.1 to 2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from lensmith.domain.dataset import Dataset
from lensmith.domain.errors import (
    InvalidParameterException,
    LimitExceededException,
    ResourceInUseException,
)
from lensmith.domain.job import JobKind
from lensmith.domain.project import Project, ProjectStatus
from lensmith.operations import page
from lensmith.operations.call import Call, Service
from lensmith.operations.owned import Owned, changing, viewing
from lensmith.store.records import datasets, jobs, projects, tags

FEATURE = "CUSTOM_LABELS"


def create_project(service: Service, call: Call) -> dict[str, Any]:
    _refuse_adapters(call.request)
    name = call.request["ProjectName"]
    try:
        with changing(service, call) as owned:
            _refuse_taken_name(owned, name)
            _refuse_beyond_quota(service, owned)
            project = projects.create(owned.connection, owned.account_id, owned.region, name)
            tags.put(owned.connection, project.arn, call.request.get("Tags") or {})
    except IntegrityError:
        raise _name_taken(name) from None
    return {"ProjectArn": project.arn}


def delete_project(service: Service, call: Call) -> dict[str, Any]:
    with changing(service, call) as owned:
        project = owned.project(call.request["ProjectArn"])
        if project.status is not ProjectStatus.DELETING:
            if not projects.is_empty(owned.connection, project.id):
                raise ResourceInUseException(
                    "The project has datasets or project versions; delete them first."
                )
            projects.set_status(owned.connection, project.id, ProjectStatus.DELETING)
            jobs.enqueue(owned.connection, JobKind.DELETE_PROJECT, project.arn, call.caller)
    service.wake_jobs()
    return {"Status": ProjectStatus.DELETING.value}


def describe_projects(service: Service, call: Call) -> dict[str, Any]:
    """List projects, newest first; names that do not exist are left out."""
    before_id = page.start(service, call)
    if FEATURE not in (call.request.get("Features") or [FEATURE]):
        return {"ProjectDescriptions": []}
    size = page.page_size(call)
    with viewing(service, call) as owned:
        found = projects.page(
            owned.connection,
            owned.account_id,
            owned.region,
            names=call.request.get("ProjectNames") or (),
            before_id=before_id,
            limit=size + 1,
        )
        descriptions = [_describe(owned.connection, project) for project in found[:size]]
    last = found[size - 1].id if len(found) > size else None
    return {"ProjectDescriptions": descriptions, **page.next_token(service, call, last)}


def _refuse_adapters(request: Mapping[str, Any]) -> None:
    """Refuse content moderation adapters, which share the operation but are not offered."""
    if (request.get("Feature") or FEATURE) != FEATURE:
        raise InvalidParameterException(f"Feature must be {FEATURE}.")
    if request.get("AutoUpdate") == "ENABLED":
        raise InvalidParameterException(f"AutoUpdate cannot be enabled for {FEATURE} projects.")


def _refuse_taken_name(owned: Owned, name: str) -> None:
    if projects.find_by_name(owned.connection, owned.account_id, owned.region, name):
        raise _name_taken(name)


def _name_taken(name: str) -> ResourceInUseException:
    return ResourceInUseException(f"A project named {name} exists.")


def _refuse_beyond_quota(service: Service, owned: Owned) -> None:
    owned.lock_account()
    limit = service.settings.quotas.projects_per_account
    if projects.count(owned.connection, owned.account_id, owned.region) >= limit:
        raise LimitExceededException(f"The account has the maximum of {limit} projects.")


def _describe(connection: Connection, project: Project) -> dict[str, Any]:
    return {
        "ProjectArn": project.arn,
        "CreationTimestamp": project.created_ms / 1000,
        "Status": project.status.value,
        "Datasets": [_metadata(dataset) for dataset in datasets.of_project(connection, project.id)],
        "Feature": FEATURE,
    }


def _metadata(dataset: Dataset) -> dict[str, Any]:
    return {
        "CreationTimestamp": dataset.created_ms / 1000,
        "DatasetType": dataset.type.value,
        "DatasetArn": dataset.arn,
        "Status": dataset.status.value,
        "StatusMessage": dataset.status_message,
        "StatusMessageCode": dataset.status_code.value,
    }
