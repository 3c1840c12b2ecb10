"""Prints the addresses when the server is ready."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from lensmith.config import Settings
from lensmith.domain.host import is_loopback


def show_banner(settings: Settings, console: Console, sign_in: str | None) -> None:
    """Print addresses, data directory and how to point AWS clients here.

    `sign_in` is the console's address with a token, where there is a terminal to show it.
    """
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_row("Lensmith API", settings.endpoint)
    table.add_row("S3", settings.s3_endpoint)
    table.add_row("Data", str(settings.data_directory))
    table.add_row("AWS profile", "lensmith configure   (writes profile custom-labels-access)")
    console.print(table)
    address = (
        sign_in or f"{settings.endpoint} (sign in by the address that `lensmith console` prints)"
    )
    # An address stays in one piece, and its token uncoloured.
    console.print(f"Console  {address}", soft_wrap=True, markup=False, highlight=False)
    if not is_loopback(settings.host) and not settings.tls_certificate:
        console.print(
            f"[yellow]Warning:[/] {settings.host} can be reached from other machines and the "
            "connection is not encrypted. Name a certificate by LENSMITH_TLS_CERTIFICATE and "
            "LENSMITH_TLS_KEY, or put a TLS proxy in front of it."
        )
