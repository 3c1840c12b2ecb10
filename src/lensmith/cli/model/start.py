"""`lensmith start`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile
from lensmith.cli.connection.version_path import ProjectArgument

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import StartProjectVersionRequestTypeDef

_STARTABLE = frozenset({"TRAINING_COMPLETED", "STOPPED", "COPYING_COMPLETED", "FAILED"})


def start(
    project: ProjectArgument,
    version: Annotated[
        str | None,
        typer.Argument(
            metavar="[VERSION]", help="Without it the newest trained one", show_default=False
        ),
    ] = None,
    units: Annotated[int, typer.Option(help="Inference units at all times", min=1)] = 1,
    maximum: Annotated[
        int | None, typer.Option("--max", help="Units under load", min=1, show_default=False)
    ] = None,
    wait: Annotated[bool, typer.Option(help="Wait until it runs")] = True,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Start a model, so that it detects."""
    from lensmith.cli.connection.aws_services import connect_rekognition
    from lensmith.cli.model.waiting import wait_while
    from lensmith.cli.project.lookup import find_version
    from lensmith.exchange.failure import service_errors

    rekognition = connect_rekognition(profile, data_directory)
    name = _newest(rekognition, project) if version is None else version
    found = find_version(rekognition, project, name)
    given: StartProjectVersionRequestTypeDef = {
        "ProjectVersionArn": found["ProjectVersionArn"],
        "MinInferenceUnits": units,
    }
    if maximum is not None:
        given["MaxInferenceUnits"] = maximum
    with service_errors(f"start {project} {name}"):
        status = str(rekognition.start_project_version(**given)["Status"])
    if wait:
        status = wait_while(rekognition, project, name, "STARTING")
    span = f"{units} to {maximum} units" if maximum else f"{units} unit{'s' if units > 1 else ''}"
    typer.echo(f"{project} {name} is {status} with {span}.")
    typer.echo(f"Detect: lensmith detect {project}/{name} PICTURE...")


def _newest(rekognition: RekognitionClient, project: str) -> str:
    """Raises LensmithError when no version can be started."""
    from lensmith.cli.project.lookup import every_version, find_project, name_of
    from lensmith.domain.errors import LensmithError

    versions = every_version(rekognition, find_project(rekognition, project)["ProjectArn"])
    for described in versions:
        if described["Status"] in _STARTABLE:
            return name_of(described)
    states = ", ".join(f"{name_of(each)} is {each['Status']}" for each in versions)
    raise LensmithError(
        f"{project} has no version that can be started"
        + (f": {states}." if states else "; `lensmith train` makes one.")
    )
