"""`lensmith delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile
from lensmith.cli.connection.version_path import ProjectArgument
from lensmith.cli.terminal.confirm import Yes, confirm

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import (
        ProjectDescriptionTypeDef,
        ProjectVersionDescriptionTypeDef,
    )

_POLL_SECONDS = 0.1
_HOSTED = frozenset({"STARTING", "RUNNING", "STOPPING"})


def delete(
    project: ProjectArgument,
    version: Annotated[
        str | None,
        typer.Argument(metavar="[VERSION]", help="Only this version", show_default=False),
    ] = None,
    yes: Yes = False,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Delete a version, or a project with its datasets and models. Pictures in S3 stay."""
    from lensmith.cli.connection.aws_services import connect_rekognition
    from lensmith.cli.project.lookup import every_version, find_project, find_version

    rekognition = connect_rekognition(profile, data_directory)
    if version is not None:
        found = find_version(rekognition, project, version)
        _refuse_busy(project, [found])
        confirm(f"Delete version {version} of {project}?", yes)
        _delete_version(rekognition, project, found)
        typer.echo(f"Deleted {project} {version}.")
        return
    described = find_project(rekognition, project)
    versions = every_version(rekognition, described["ProjectArn"])
    _refuse_busy(project, versions)
    confirm(f"Delete project {project}, its datasets and {_models(len(versions))}?", yes)
    for one in versions:
        _delete_version(rekognition, project, one)
    _delete_project(rekognition, described)
    typer.echo(f"Deleted project {project} with {_models(len(versions))}.")


def _models(count: int) -> str:
    return "1 model" if count == 1 else f"{count} models"


def _refuse_busy(project: str, versions: list[ProjectVersionDescriptionTypeDef]) -> None:
    """Raises LensmithError while one of them runs or is trained."""
    from lensmith.cli.project.lookup import name_of
    from lensmith.domain.errors import LensmithError

    for version in versions:
        name, status = name_of(version), version["Status"]
        if status in _HOSTED:
            raise LensmithError(
                f"{project} {name} is {status}; `lensmith stop {project} {name}` stops it."
            )
        if status == "TRAINING_IN_PROGRESS":
            raise LensmithError(
                f"{project} {name} is being trained; `lensmith cancel {project} {name}` ends that."
            )


def _delete_version(
    rekognition: RekognitionClient, project: str, version: ProjectVersionDescriptionTypeDef
) -> None:
    from lensmith.cli.project.lookup import every_version, find_project
    from lensmith.exchange.failure import service_errors

    arn = version["ProjectVersionArn"]
    with service_errors(f"delete {arn}"):
        rekognition.delete_project_version(ProjectVersionArn=arn)
    project_arn = find_project(rekognition, project)["ProjectArn"]
    _wait(
        lambda: (
            arn not in {one["ProjectVersionArn"] for one in every_version(rekognition, project_arn)}
        )
    )


def _delete_project(rekognition: RekognitionClient, project: ProjectDescriptionTypeDef) -> None:
    from lensmith.cli.project.lookup import every_project, find_project
    from lensmith.exchange.failure import service_errors

    arn = project["ProjectArn"]
    name = arn.split("/")[1]
    with service_errors(f"delete project {name}"):
        for dataset in project.get("Datasets", []):
            rekognition.delete_dataset(DatasetArn=dataset["DatasetArn"])
    _wait(lambda: not find_project(rekognition, name).get("Datasets"))
    with service_errors(f"delete project {name}"):
        rekognition.delete_project(ProjectArn=arn)
    _wait(lambda: arn not in {one["ProjectArn"] for one in every_project(rekognition)})


def _wait(is_done: Callable[[], bool]) -> None:
    import time

    while not is_done():
        time.sleep(_POLL_SECONDS)
