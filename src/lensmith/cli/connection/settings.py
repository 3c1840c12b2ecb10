"""Settings from the environment, overridden by options of the command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from lensmith.config import Settings
from lensmith.domain.errors import StartupError

DataDirectory = Annotated[
    Path | None,
    typer.Option(
        "--data-directory",
        "--home",
        help="Where everything is kept [env: LENSMITH_HOME; default: lensmith-data]",
        show_default=False,
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(help="AWS profile; without it see docs/running.md", show_default=False),
]


def read_settings(data_directory: Path | None = None, **given: str | int | None) -> Settings:
    """Read settings; arguments that are not None replace the `LENSMITH_<NAME>` variables.

    Raises StartupError naming the variable that has an invalid value.
    """
    environment = dict(os.environ)
    if data_directory is not None:
        environment["LENSMITH_HOME"] = str(data_directory)
    for name, value in given.items():
        if value is not None:
            environment[f"LENSMITH_{name.upper()}"] = str(value)
    try:
        return Settings.from_environment(environment)
    except ValueError as error:
        raise StartupError(str(error)) from error
