"""Projects and versions by name, through the public API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lensmith.domain.errors import LensmithError
from lensmith.exchange.failure import service_errors

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import (
        ProjectDescriptionTypeDef,
        ProjectVersionDescriptionTypeDef,
    )


def every_project(rekognition: RekognitionClient) -> list[ProjectDescriptionTypeDef]:
    with service_errors("list projects"):
        pages = rekognition.get_paginator("describe_projects").paginate()
        return [project for page in pages for project in page["ProjectDescriptions"]]


def find_project(rekognition: RekognitionClient, name: str) -> ProjectDescriptionTypeDef:
    """Raises ExchangeError when the service fails, LensmithError when there is no such project."""
    with service_errors(f"look up project {name}"):
        found = rekognition.describe_projects(ProjectNames=[name])["ProjectDescriptions"]
    if not found:
        raise LensmithError(f"There is no project {name}; see `lensmith list`.")
    return found[0]


def every_version(
    rekognition: RekognitionClient, project_arn: str
) -> list[ProjectVersionDescriptionTypeDef]:
    """Return the versions of a project, newest first."""
    with service_errors(f"list the versions of {project_arn}"):
        pages = rekognition.get_paginator("describe_project_versions").paginate(
            ProjectArn=project_arn
        )
        return [version for page in pages for version in page["ProjectVersionDescriptions"]]


def find_version(
    rekognition: RekognitionClient, project: str, version: str
) -> ProjectVersionDescriptionTypeDef:
    """Raises LensmithError when there is no such project or version, naming those there are."""
    versions = every_version(rekognition, find_project(rekognition, project)["ProjectArn"])
    for described in versions:
        if name_of(described) == version:
            return described
    raise LensmithError(f"{project} has no version {version}. {_names(versions)}")


def name_of(version: ProjectVersionDescriptionTypeDef) -> str:
    return version["ProjectVersionArn"].split("/")[3]


def _names(versions: list[ProjectVersionDescriptionTypeDef]) -> str:
    if not versions:
        return "It has none yet; `lensmith train` makes one."
    return f"It has {', '.join(map(name_of, versions))}."
