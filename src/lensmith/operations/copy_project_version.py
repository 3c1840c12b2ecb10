"""CopyProjectVersion (api.md 2.15, 4.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from lensmith.domain.arn import ProjectArn, ProjectVersionArn
from lensmith.domain.errors import (
    InvalidParameterException,
    LimitExceededException,
    ResourceNotFoundException,
)
from lensmith.domain.job import JobKind
from lensmith.domain.project import Project
from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.operations.call import Call, Service
from lensmith.operations.hosting import UNUSABLE, in_state
from lensmith.operations.model_key import model_key
from lensmith.operations.owned import Owned, changing
from lensmith.operations.project_versions import name_taken, open_project
from lensmith.store.records import jobs, project_versions, projects, tags


def copy_project_version(service: Service, call: Call) -> dict[str, Any]:
    """Queue the copy of a model to a project of the caller; it is visible at once."""
    request = call.request
    _refuse_request(request, service.settings.region)
    try:
        with changing(service, call) as owned:
            source = _source(owned, request)
            project = open_project(
                service, owned, request["DestinationProjectArn"], request["VersionName"]
            )
            _refuse_state(source)
            key_arn = model_key(service, call, project.arn)
            _refuse_beyond_quota(service, owned)
            copy = _create(owned, project, source, request)
            payload = {"source": source.arn, "key": key_arn}
            jobs.enqueue(owned.connection, JobKind.COPY_VERSION, copy.arn, call.caller, payload)
    except IntegrityError:
        raise name_taken(request["VersionName"]) from None
    service.wake_jobs()
    return {"ProjectVersionArn": copy.arn}


def _refuse_request(request: Mapping[str, Any], region: str) -> None:
    if not request["OutputConfig"].get("S3Bucket"):
        raise InvalidParameterException("OutputConfig needs an S3Bucket.")
    for member in ("SourceProjectArn", "SourceProjectVersionArn", "DestinationProjectArn"):
        if request[member].split(":")[3] != region:
            raise InvalidParameterException(
                f"{member} is not of {region}. A model cannot be copied to another region."
            )
    project = ProjectArn.parse(request["SourceProjectArn"])
    version = ProjectVersionArn.parse(request["SourceProjectVersionArn"])
    assert project is not None  # the service model's patterns were checked
    assert version is not None
    if (project.account_id, project.project_name) != (version.account_id, version.project_name):
        raise _not_of_project()


def _source(owned: Owned, request: Mapping[str, Any]) -> ProjectVersion:
    """Find the version to copy, of any account, and lock both projects, always in one order.

    What the caller may not see is refused before this (operations/permissions.py).
    """
    connection, arn = owned.connection, request["SourceProjectVersionArn"]
    project = _find_project(owned, request["SourceProjectArn"])
    destination = projects.find(connection, request["DestinationProjectArn"])
    for found in sorted({each.id for each in (project, destination) if each is not None}):
        projects.lock(connection, found)
    version = project_versions.find(connection, arn)
    if version is None:
        raise ResourceNotFoundException(arn)
    if project is None or version.project_id != project.id:
        raise _not_of_project()
    return version


def _find_project(owned: Owned, arn: str) -> Project | None:
    """Raises ResourceNotFoundException for the caller's account only."""
    found = projects.find(owned.connection, arn)
    if found is None and arn.split(":")[4] == owned.account_id:
        raise ResourceNotFoundException(arn)
    return found


def _not_of_project() -> InvalidParameterException:
    return InvalidParameterException("SourceProjectVersionArn is not of SourceProjectArn.")


def _refuse_state(source: ProjectVersion) -> None:
    if source.status in UNUSABLE:
        raise InvalidParameterException(
            f"The source is in state {source.status.value} and cannot be copied."
        )
    if not source.status.has_model:
        raise in_state(source)


def _refuse_beyond_quota(service: Service, owned: Owned) -> None:
    owned.lock_account()
    limit = service.settings.quotas.concurrent_copies
    copying = project_versions.count_in_states(
        owned.connection, owned.account_id, owned.region, {VersionStatus.COPYING_IN_PROGRESS}
    )
    if copying >= limit:
        raise LimitExceededException(f"At most {limit} copies can be in progress.")


def _create(
    owned: Owned, project: Project, source: ProjectVersion, request: Mapping[str, Any]
) -> ProjectVersion:
    output = request["OutputConfig"]
    copy = project_versions.create_copy(
        owned.connection,
        project,
        request["VersionName"],
        source,
        output_bucket=output["S3Bucket"],
        output_prefix=output.get("S3KeyPrefix") or "",
        kms_key_id=request.get("KmsKeyId"),
    )
    tags.put(owned.connection, copy.arn, request.get("Tags") or {})
    return copy
