"""`lensmith health`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile

if TYPE_CHECKING:
    from rich.console import Console

    from lensmith.cli.connection.lensmith_api import LensmithApi

_POLL_SECONDS = 0.25
_UNDER_WAY = frozenset({"queued", "running"})


def health(
    project: Annotated[str, typer.Argument(help="Name of the project")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 1 when there are errors or warnings")
    ] = False,
    last: Annotated[
        bool, typer.Option("--last", help="Show the last report, do not check again")
    ] = False,
    examples: Annotated[int, typer.Option(help="Entries shown of each finding", min=0)] = 3,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Check a project's datasets: labels, boxes, images, duplicates, leaks into the test."""
    from urllib.parse import quote

    import msgspec
    from rich.console import Console

    from lensmith.cli.connection.aws_services import connect_lensmith
    from lensmith.cli.dataset.health_view import show_report
    from lensmith.health.report import HealthReport

    api = connect_lensmith(profile, data_directory)
    path = f"/_lensmith/projects/{quote(project, safe='')}/health"
    state = api.call("GET", path) if last else _check(api, path, Console(stderr=True))
    report = _report(state, project)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(report)))
    else:
        found = msgspec.convert(report, HealthReport)
        show_report(Console(), project, found, is_current=state["is_current"], examples=examples)
    if strict and any(finding["severity"] != "note" for finding in report["findings"]):
        raise SystemExit(1)


def _check(api: LensmithApi, path: str, console: Console) -> dict[str, Any]:
    """Start a check and poll it until it has ended."""
    import time

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
    )
    state = api.call("POST", path)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("waiting", total=None)
        while state["status"] in _UNDER_WAY:
            if (progress := state["progress"]) is not None:
                bar.update(
                    task,
                    description=progress["phase"],
                    completed=progress["step"],
                    total=progress["steps"],
                )
            time.sleep(_POLL_SECONDS)
            state = api.call("GET", path)
    return state


def _report(state: dict[str, Any], project: str) -> dict[str, Any]:
    """Raises LensmithError when the check failed or there is no report."""
    from lensmith.domain.errors import LensmithError

    if state["status"] == "failed":
        raise LensmithError(f"The check failed: {state['error']}")
    if state["report"] is None:
        raise LensmithError(f"{project} has not been checked yet; leave out --last.")
    report: dict[str, Any] = state["report"]
    return report
