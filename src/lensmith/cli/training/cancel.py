"""`lensmith cancel`."""

from __future__ import annotations

from lensmith.cli.connection.settings import DataDirectory, Profile
from lensmith.cli.connection.version_path import ProjectArgument, VersionArgument, version_path


def cancel(
    project: ProjectArgument,
    version: VersionArgument,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """End a training that runs or waits; its version becomes TRAINING_FAILED."""
    import typer

    from lensmith.cli.connection.aws_services import connect_lensmith

    api = connect_lensmith(profile, data_directory)
    state = api.call("POST", f"{version_path(project, version)}/cancel")
    typer.echo(f"{project} {version} is {state['status']}: {state['status_message']}")
