"""`lensmith export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile
from lensmith.cli.dataset.import_dataset import DatasetChoice, ProblemsFile, ProjectName
from lensmith.exchange.formats import ExportFormat


def export_dataset(
    format_: Annotated[ExportFormat, typer.Argument(metavar="FORMAT")],
    destination: Annotated[Path, typer.Argument(help="Folder to write to")],
    project: ProjectName,
    type_: Annotated[
        DatasetChoice | None,
        typer.Option(
            "--type",
            help="Which dataset [default: train; for yolo both, as train and val of one data.yaml]",
            show_default=False,
        ),
    ] = None,
    images: Annotated[bool, typer.Option("--images", help="Download the images too")] = False,
    problems: ProblemsFile = None,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Write a dataset to a folder. Stopped at any point, run it again to go on."""
    from rich.console import Console

    from lensmith.cli.connection.aws_services import connect
    from lensmith.cli.dataset.progress_view import ConsoleSteps, show_problems
    from lensmith.cli.terminal.plain_table import show_facts
    from lensmith.exchange import exporting
    from lensmith.exchange.dataset import Target

    console = Console()
    services, steps = connect(profile, data_directory), ConsoleSteps(console)
    request = exporting.ExportRequest(format_, destination, images)
    if type_ is None and format_ is ExportFormat.YOLO:
        exported = exporting.export_project(services, request, project, steps)
        what = project
    else:
        target = Target(project, "TEST" if type_ is DatasetChoice.TEST else "TRAIN")
        exported = exporting.export_dataset(services, request, target, steps)
        what = f"the {(type_ or DatasetChoice.TRAIN).value} dataset of {project}"
    rows: list[tuple[str, object]] = [
        ("Images exported", exported.images),
        ("Images downloaded", exported.downloaded.received),
        ("Images there already", exported.downloaded.present),
        ("Skipped", len(exported.problems)),
        ("Written", exported.written),
    ]
    show_facts(console, f"Exported {what}", rows)
    show_problems(console, exported.problems, problems)
