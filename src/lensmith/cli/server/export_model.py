"""`lensmith export-model`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zipfile import ZipFile

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile
from lensmith.cli.connection.version_path import ProjectArgument, VersionArgument, version_path
from lensmith.domain.precision import ExportFormat


def export_model(
    project: ProjectArgument,
    version: VersionArgument,
    archive: Annotated[
        Path, typer.Argument(metavar="OUT.zip", help="The file to write", show_default=False)
    ],
    wanted: Annotated[
        ExportFormat,
        typer.Option("--format", help="Of the network, with the thresholds of its own"),
    ] = ExportFormat.FLOAT32,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Write a trained model as a zip: the network, its description, a script that runs it."""
    from lensmith.cli.connection.aws_services import connect_lensmith
    from lensmith.domain.errors import LensmithError
    from lensmith.exchange.destinations.whole_file import whole_file

    api = connect_lensmith(profile, data_directory)
    try:
        with whole_file(archive) as file:
            api.download(f"{version_path(project, version)}/model?format={wanted}", file)
    except OSError as error:
        raise LensmithError(f"{archive} cannot be written: {error.strerror}.") from error
    size = archive.stat().st_size / 1e6
    script = _script(archive)
    typer.echo(f"Wrote {archive} ({size:.1f} MB). Unpack it and run: python {script} IMAGE...")


def _script(archive: Path) -> str:
    with ZipFile(archive) as opened:
        return next(name for name in opened.namelist() if name.endswith(".py"))
