"""`lensmith stop`: a model, or, without a project, the server as it always did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile
from lensmith.cli.server.stop import Timeout, stop_server

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient


def stop(
    project: Annotated[
        str | None,
        typer.Argument(
            metavar="[PROJECT]",
            help="Without it the server is stopped, as by `lensmith server stop`",
            show_default=False,
        ),
    ] = None,
    version: Annotated[
        str | None,
        typer.Argument(metavar="[VERSION]", help="Without it the one that runs"),
    ] = None,
    wait: Annotated[bool, typer.Option(help="Wait until it has stopped")] = True,
    profile: Profile = None,
    data_directory: DataDirectory = None,
    timeout: Timeout = 60.0,
) -> None:
    """Stop a model; without a project, stop the server of a data directory."""
    if project is None:
        stop_server(data_directory, timeout)
        return
    from lensmith.cli.connection.aws_services import connect_rekognition
    from lensmith.cli.model.waiting import wait_while
    from lensmith.cli.project.lookup import find_version
    from lensmith.exchange.failure import service_errors

    rekognition = connect_rekognition(profile, data_directory)
    name = _running(rekognition, project) if version is None else version
    found = find_version(rekognition, project, name)
    with service_errors(f"stop {project} {name}"):
        arn = found["ProjectVersionArn"]
        status = str(rekognition.stop_project_version(ProjectVersionArn=arn)["Status"])
    if wait:
        status = wait_while(rekognition, project, name, "STOPPING")
    typer.echo(f"{project} {name} is {status}.")


def _running(rekognition: RekognitionClient, project: str) -> str:
    """Return the version that runs; raises LensmithError unless it is exactly one."""
    from lensmith.cli.project.lookup import every_version, find_project, name_of
    from lensmith.domain.errors import LensmithError

    versions = every_version(rekognition, find_project(rekognition, project)["ProjectArn"])
    running = [name_of(each) for each in versions if each["Status"] == "RUNNING"]
    if len(running) == 1:
        return running[0]
    if not running:
        raise LensmithError(f"No version of {project} runs.")
    raise LensmithError(f"Several versions of {project} run: {', '.join(running)}. Name one.")
