"""`lensmith console`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, read_settings

if TYPE_CHECKING:
    from lensmith.config import Settings


def console(
    data_directory: DataDirectory = None,
    user: Annotated[str, typer.Option(help="Who signs in")] = "admin",
) -> None:
    """Print an address that signs a browser on this machine in, once, within ten minutes."""
    typer.echo(console_address(read_settings(data_directory), user))


def console_address(settings: Settings, user: str = "admin") -> str:
    """Return the address of the server that runs on the data directory; raises StartupError."""
    from dataclasses import replace
    from urllib.parse import urlsplit

    from lensmith.domain.errors import StartupError
    from lensmith.server.sign_in import sign_in_address
    from lensmith.store.lock import current_holder
    from lensmith.store.records.engine import Records

    holder = current_holder(settings.data_directory)
    if holder is None:
        raise StartupError(f"No server runs on {settings.data_directory}; see `lensmith serve`.")
    place = urlsplit(holder.endpoint)
    running = replace(settings, host=place.hostname or "", port=place.port or 80)
    records = Records.of(settings)
    try:
        address = sign_in_address(running, records, user)
    finally:
        records.close()
    if address is None:
        raise StartupError(
            f"{user} cannot sign in by an address: there is no such user with keys, or the server "
            f"listens on {running.host} only. Open {holder.endpoint} and use an access key."
        )
    return address.replace(running.endpoint, holder.endpoint, 1)  # with its scheme
