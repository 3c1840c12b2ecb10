"""PutProjectPolicy, ListProjectPolicies and DeleteProjectPolicy (api.md 2.4 to 2.6)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import IntegrityError

from lensmith.domain.arn import ProjectArn
from lensmith.domain.errors import (
    InvalidPolicyRevisionIdException,
    MalformedPolicyDocumentException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
)
from lensmith.domain.policy.project_policy import parse_project_policy
from lensmith.domain.project import Project, ProjectPolicy, ProjectStatus
from lensmith.operations import page
from lensmith.operations.call import Call, Service
from lensmith.operations.owned import Owned, changing, viewing
from lensmith.store.records import project_policies

PAGE_SIZE = 5  # the maximum, and the default


def put_project_policy(service: Service, call: Call) -> dict[str, Any]:
    """Attach a policy, or replace the revision that the request names."""
    name, document = call.request["PolicyName"], call.request["PolicyDocument"]
    try:
        with changing(service, call) as owned:
            project = owned.project(call.request["ProjectArn"])
            if project.status is ProjectStatus.DELETING:
                raise ResourceNotFoundException(project.arn)
            _refuse_malformed(document, project)
            found = project_policies.find(owned.connection, project.id, name)
            _refuse_revision(call, found)
            if found is not None:
                revision = project_policies.replace(owned.connection, found, document)
            else:
                _refuse_beyond_quota(service, owned, project)
                revision = project_policies.create(owned.connection, project.id, name, document)
    except IntegrityError:
        raise _name_taken(name) from None
    return {"PolicyRevisionId": revision}


def list_project_policies(service: Service, call: Call) -> dict[str, Any]:
    """List policies, oldest first, each as its owner wrote it."""
    size = page.page_size(call, PAGE_SIZE)
    with viewing(service, call) as owned:
        project = owned.project(call.request["ProjectArn"])
        found = project_policies.page(
            owned.connection, project.id, after_id=page.start(service, call), limit=size + 1
        )
    last = found[size - 1].id if len(found) > size else None
    return {
        "ProjectPolicies": [_describe(project, policy) for policy in found[:size]],
        **page.next_token(service, call, last),
    }


def delete_project_policy(service: Service, call: Call) -> dict[str, Any]:
    """Remove a policy; copies that have begun go on."""
    name = call.request["PolicyName"]
    with changing(service, call) as owned:
        project = owned.project(call.request["ProjectArn"])
        found = project_policies.find(owned.connection, project.id, name)
        if found is None:
            raise ResourceNotFoundException(f"{project.arn} has no policy named {name}")
        given = call.request.get("PolicyRevisionId")
        if given is not None and not _is_current(given, found):
            raise InvalidPolicyRevisionIdException
        project_policies.remove(owned.connection, found)
    return {}


def _refuse_malformed(document: str, project: Project) -> None:
    arn = ProjectArn.parse(project.arn)
    assert arn is not None  # written by `projects.create`
    try:
        parse_project_policy(document, arn)
    except ValueError as error:
        raise MalformedPolicyDocumentException(
            f"{MalformedPolicyDocumentException.default.removesuffix('.')}: {error}."
        ) from None


def _refuse_revision(call: Call, found: ProjectPolicy | None) -> None:
    """A new name needs no revision, a known one the current one."""
    given = call.request.get("PolicyRevisionId")
    if given is None and found is not None:
        raise _name_taken(found.name)
    if given is not None and (found is None or not _is_current(given, found)):
        raise InvalidPolicyRevisionIdException


def _is_current(revision_id: str, policy: ProjectPolicy) -> bool:
    return revision_id.lower() == policy.revision_id


def _refuse_beyond_quota(service: Service, owned: Owned, project: Project) -> None:
    limit = service.settings.quotas.policies_per_project
    if project_policies.count(owned.connection, project.id) >= limit:
        raise ServiceQuotaExceededException(f"The project has the maximum of {limit} policies.")


def _name_taken(name: str) -> ResourceAlreadyExistsException:
    return ResourceAlreadyExistsException(
        f"The project has a policy named {name}. Give its PolicyRevisionId to replace it."
    )


def _describe(project: Project, policy: ProjectPolicy) -> dict[str, Any]:
    return {
        "ProjectArn": project.arn,
        "PolicyName": policy.name,
        "PolicyRevisionId": policy.revision_id,
        "PolicyDocument": policy.document,
        "CreationTimestamp": policy.created_ms / 1000,
        "LastUpdatedTimestamp": policy.updated_ms / 1000,
    }
