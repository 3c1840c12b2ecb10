"""`lensmith project`."""

from __future__ import annotations

from typing import Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile
from lensmith.cli.connection.version_path import ProjectArgument
from lensmith.cli.project import delete, listing
from lensmith.cli.terminal.confirm import Yes

app = typer.Typer(help="Projects: one kind of thing to learn each.", no_args_is_help=True)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="1 to 255 of letters, digits and _.-")],
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Create a project without datasets."""
    from lensmith.cli.connection.aws_services import connect_rekognition
    from lensmith.exchange.failure import service_errors

    rekognition = connect_rekognition(profile, data_directory)
    with service_errors(f"create project {name}"):
        arn = rekognition.create_project(ProjectName=name)["ProjectArn"]
    typer.echo(f"Created {arn}. Fill it by `lensmith import FORMAT SOURCE --project {name}`.")


@app.command("list")
def list_projects(
    as_json: listing.AsJson = False, profile: Profile = None, data_directory: DataDirectory = None
) -> None:
    """List projects, their datasets and their versions."""
    listing.list_projects(None, as_json, profile, data_directory)


@app.command("delete")
def delete_project(
    project: ProjectArgument,
    yes: Yes = False,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Delete a project with its datasets and models. Pictures in S3 stay."""
    delete.delete(project, None, yes, profile, data_directory)
