"""`lensmith usage`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile

if TYPE_CHECKING:
    from rich.table import Table

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def usage(
    since: Annotated[
        str | None,
        typer.Option(
            help="A time in ISO 8601, or how long ago: 12h, 7d, 4w [default: all that is kept, "
            "15 months]",
            show_default=False,
        ),
    ] = None,
    project: Annotated[str | None, typer.Option(help="Only versions of this project")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Show how long each model version ran and how many unit-hours it used."""
    from urllib.parse import urlencode

    import msgspec
    from rich.console import Console

    from lensmith.cli.connection.aws_services import connect_lensmith

    asked = {"since": since and moment(since), "project": project}
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    api = connect_lensmith(profile, data_directory)
    found = api.call("GET", "/_lensmith/usage" + (f"?{query}" if query else ""))
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found)))
    elif found["versions"]:
        Console().print(table_of(found["versions"]))
    else:
        Console().print("No model ran in that time.")


def moment(since: str) -> str:
    """Convert a time or a duration to ISO 8601; raises LensmithError for anything else."""
    from datetime import UTC, datetime, timedelta

    from lensmith.domain.errors import LensmithError

    number, unit = since[:-1], _UNITS.get(since[-1:], "")
    try:
        if unit and number.isdecimal():
            return (datetime.now(UTC) - timedelta(**{unit: int(number)})).isoformat()
        return datetime.fromisoformat(since).isoformat()
    except (ValueError, OverflowError) as error:
        raise LensmithError(
            f"--since {since} is neither a time in ISO 8601 nor a duration such as 7d."
        ) from error


def table_of(versions: list[dict[str, Any]]) -> Table:
    """Tabulate the versions of a reply, one a row, and their sums."""
    from lensmith.cli.terminal.plain_table import plain_table

    table = plain_table("Hours run and inference units used (UTC)", footer=True)
    for name in ("project", "version"):
        table.add_column(name, overflow="fold")
    for name in ("hours", "unit-hours", "minutes", "first day", "last day"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in versions:
        table.add_row(
            each["project"],
            each["version"],
            str(each["hours"]),
            f"{each['unit_hours']:.2f}",
            str(each["minutes"]),
            _day(each["first_hour_ms"]),
            _day(each["last_hour_ms"]),
        )
    table.columns[0].footer = "total"
    table.columns[2].footer = str(sum(each["hours"] for each in versions))
    table.columns[3].footer = f"{sum(each['unit_hours'] for each in versions):.2f}"
    table.columns[4].footer = str(sum(each["minutes"] for each in versions))
    return table


def _day(epoch_ms: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(epoch_ms / 1000, UTC).strftime("%Y-%m-%d")
