"""`lensmith resize`."""

from __future__ import annotations

from typing import Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile
from lensmith.cli.connection.version_path import ProjectArgument, VersionArgument, version_path


def resize(
    project: ProjectArgument,
    version: VersionArgument,
    minimum: Annotated[
        int, typer.Option("--min", help="Inference units at all times", show_default=False)
    ],
    maximum: Annotated[
        int | None,
        typer.Option("--max", help="Units under load; without it they stay at --min"),
    ] = None,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Give a running model more or fewer inference units, without a restart."""
    import json

    from lensmith.cli.connection.aws_services import connect_lensmith

    units = {"MinInferenceUnits": minimum, "MaxInferenceUnits": maximum}
    api = connect_lensmith(profile, data_directory)
    path = f"{version_path(project, version)}/units"
    reply = api.call("POST", path, json.dumps(units).encode())
    minimum_units, maximum_units = reply["MinInferenceUnits"], reply["MaxInferenceUnits"]
    span = f"{minimum_units} to {maximum_units}" if maximum_units else str(minimum_units)
    typer.echo(f"{project} {version} is {reply['Status']} with {span} inference units.")
