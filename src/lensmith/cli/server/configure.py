"""`lensmith configure`."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from lensmith.cli.connection.profile import DEFAULT_PROFILE, environment, write_profile
from lensmith.cli.connection.settings import DataDirectory, read_settings


def configure(
    data_directory: DataDirectory = None,
    profile: Annotated[str, typer.Option(help="Name of the AWS profile")] = DEFAULT_PROFILE,
    user: Annotated[str, typer.Option(help="Whose keys")] = "admin",
    env: Annotated[
        bool, typer.Option("--env", help="Print export lines to eval, write nothing")
    ] = False,
) -> None:
    """Point AWS clients here: write a profile, or print environment variables."""
    settings = read_settings(data_directory)
    if env:
        for name, value in environment(settings, user).items():
            typer.echo(f"export {name}={shlex.quote(value)}")
        return
    for path in write_profile(settings, profile, user):
        typer.echo(f"Wrote profile {profile} to {path}")
