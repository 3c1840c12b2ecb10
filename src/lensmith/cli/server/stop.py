"""`lensmith server stop`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, read_settings

Timeout = Annotated[float, typer.Option(help="Seconds to wait for the server before giving up")]

app = typer.Typer(help="The server of this machine.", no_args_is_help=True)


@app.command("stop")
def stop(data_directory: DataDirectory = None, timeout: Timeout = 60.0) -> None:
    """Stop the server of a data directory and wait until it is gone."""
    stop_server(data_directory, timeout)


def stop_server(data_directory: Path | None, timeout: float) -> None:
    """Raises LensmithError when the server does not end in time."""
    import os
    import signal
    import time
    from contextlib import suppress

    from lensmith.domain.errors import LensmithError
    from lensmith.store.lock import current_holder

    directory = read_settings(data_directory).data_directory
    holder = current_holder(directory)
    if holder is None:
        typer.echo(f"No server runs on {directory}.")
        return
    with suppress(ProcessLookupError):  # it has ended meanwhile
        os.kill(holder.pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout
    while current_holder(directory) is not None:
        if time.monotonic() > deadline:
            raise LensmithError(f"Process {holder.pid} did not stop within {timeout:.0f} s.")
        time.sleep(0.05)
    typer.echo(f"Stopped the server on {directory}.")
