"""`lensmith stop`."""

from __future__ import annotations

from typing import Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, read_settings


def stop(
    data_directory: DataDirectory = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait before giving up")] = 60.0,
) -> None:
    """Stop the server of a data directory and wait until it is gone."""
    import os
    import signal
    import time

    from lensmith.domain.errors import LensmithError
    from lensmith.store.lock import current_holder

    directory = read_settings(data_directory).data_directory
    holder = current_holder(directory)
    if holder is None:
        typer.echo(f"No server runs on {directory}.")
        return
    os.kill(holder.pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout
    while current_holder(directory) is not None:
        if time.monotonic() > deadline:
            raise LensmithError(f"Process {holder.pid} did not stop within {timeout:.0f} s.")
        time.sleep(0.05)
    typer.echo(f"Stopped the server on {directory}.")
