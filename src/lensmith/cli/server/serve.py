"""`lensmith serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, read_settings


def serve(
    data_directory: DataDirectory = None,
    host: Annotated[
        str | None,
        typer.Option(help="Address to listen on [env: LENSMITH_HOST; default: 127.0.0.1]"),
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port of the API [env: LENSMITH_PORT; default: 7400]")
    ] = None,
    s3_port: Annotated[
        int | None, typer.Option(help="Port of S3 [env: LENSMITH_S3_PORT; default: 7401]")
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(
            help="Parts that run here, between commas: api, controller, units, trainings, datasets "
            "[env: LENSMITH_ROLE; default: all]"
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            help="Ray cluster that runs trainings and units, as ray://HOST:PORT "
            "[env: LENSMITH_CLUSTER; default: this machine runs them]",
        ),
    ] = None,
) -> None:
    """Serve the API and S3 in the foreground until Ctrl-C."""
    settings = read_settings(
        data_directory, host=host, port=port, s3_port=s3_port, role=role, cluster=cluster
    )

    from rich.console import Console

    from lensmith.server.logs import configure_logs
    from lensmith.server.server import Server

    configure_logs()
    Server(settings, Console()).run()
