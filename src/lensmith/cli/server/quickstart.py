"""`lensmith quickstart`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lensmith.cli.connection.profile import DEFAULT_PROFILE, write_profile
from lensmith.cli.connection.settings import DataDirectory, read_settings
from lensmith.cli.server.console import console_address

if TYPE_CHECKING:
    from rich.console import Console

    from lensmith.config import Settings
    from lensmith.store.lock import Holder

_START_TIMEOUT = 60.0  # seconds
_POLL_SECONDS = 0.1


def quickstart(
    data_directory: DataDirectory = None,
    profile: Annotated[str, typer.Option(help="AWS profile to write")] = DEFAULT_PROFILE,
    output: Annotated[Path, typer.Option(help="Where annotated pictures go")] = Path(
        "quickstart-output"
    ),
) -> None:
    """Start a server, train two example projects, start their models and detect."""
    from rich.console import Console

    from lensmith.cli.server.quickstart_walk import walk_through

    console = Console()
    settings = read_settings(data_directory)
    holder = _running_server(settings, console)
    write_profile(settings, profile)
    walk_through(settings, profile, output, console)
    _say_where(holder, profile, console, console_address(settings))


def _running_server(settings: Settings, console: Console) -> Holder:
    """Return the server of the data directory; start it in the background if it does not run."""
    from lensmith.store.lock import current_holder

    if current_holder(settings.data_directory) is None:
        with console.status("Starting the server"):
            _start_server(settings)
    holder = current_holder(settings.data_directory)
    assert holder is not None
    console.print(f"The server runs at [bold]{holder.endpoint}[/bold]")
    return holder


def _start_server(settings: Settings) -> None:
    """Start `lensmith serve` so that it outlives this command, and wait until it answers.

    Raises StartupError with the end of its log when it does not come up.
    """
    import os
    import subprocess
    import sys
    import time

    from lensmith.domain.errors import StartupError

    settings.data_directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = settings.data_directory / "server.log"
    with log.open("ab") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "lensmith.cli", "serve"],
            env={**os.environ, **settings.to_environment()},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + _START_TIMEOUT
    while not _answers(settings):
        if server.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
            raise StartupError(f"The server did not start; the end of {log}:\n{tail}")
        time.sleep(_POLL_SECONDS)


def _answers(settings: Settings) -> bool:
    from urllib.error import URLError
    from urllib.request import urlopen

    from lensmith.wire.tls import unverified_context

    context = unverified_context() if settings.tls_certificate else None
    try:
        with urlopen(  # noqa: S310
            f"{settings.endpoint}/_lensmith/health", timeout=2, context=context
        ) as reply:
            return bool(reply.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False


def _say_where(holder: Holder, profile: str, console: Console, address: str) -> None:
    console.print()
    console.print(f"API   [bold]{holder.endpoint}[/bold]    S3  [bold]{holder.s3_endpoint}[/bold]")
    console.print(f"Try   [bold]aws rekognition describe-projects --profile {profile}[/bold]")
    console.print("Stop  [bold]make stop[/bold]")
    console.print()
    console.print("The console; this address signs you in once, within ten minutes:")
    console.print(address, soft_wrap=True, highlight=False, markup=False)
