"""`lensmith backup` and `lensmith restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, read_settings


def backup(
    archive: Annotated[Path, typer.Argument(metavar="FILE.tar", show_default=False)],
    data_directory: DataDirectory = None,
) -> None:
    """Write everything that is kept into one file, also while the server runs.

    It holds the keys of all users: keep it as you keep those.
    """
    from datetime import UTC, datetime
    from importlib.metadata import version

    from lensmith.store.backup import back_up

    settings = read_settings(data_directory)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    written = back_up(settings, archive, version("lensmith"), created)
    typer.echo(
        f"Wrote {archive}: {written.files} files, {written.bytes / 1e6:.1f} MB "
        f"(the object store waited {written.pause_seconds * 1000:.0f} ms)."
    )
    if settings.s3_endpoint_url:
        typer.echo("Objects are in an S3 of their own and not in it: back that up, too.")


def restore(
    archive: Annotated[Path, typer.Argument(metavar="FILE.tar", show_default=False)],
    data_directory: DataDirectory = None,
) -> None:
    """Make a new data directory from a backup; then start the server on it."""
    from lensmith.store.restore import restore as restore_archive

    directory = read_settings(data_directory).data_directory
    head = restore_archive(archive, directory)
    typer.echo(f"Restored the state of {head.created} (Lensmith {head.lensmith}) in {directory}.")
    typer.echo(f"Start it: lensmith serve --data-directory {directory}")
