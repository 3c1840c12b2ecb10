"""`lensmith list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import (
        ProjectDescriptionTypeDef,
        ProjectVersionDescriptionTypeDef,
    )
    from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


def list_projects(
    project: Annotated[
        str | None,
        typer.Argument(metavar="[PROJECT]", help="Only this project", show_default=False),
    ] = None,
    as_json: AsJson = False,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """List projects, the entries of their datasets, their versions and units that run."""
    import msgspec
    from rich.console import Console

    from lensmith.cli.connection.aws_services import connect_rekognition
    from lensmith.cli.project.lookup import every_project, find_project

    rekognition = connect_rekognition(profile, data_directory)
    described = (
        every_project(rekognition) if project is None else [find_project(rekognition, project)]
    )
    found = [_project(rekognition, each) for each in described]
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found)))
    elif found:
        Console().print(table_of(found))
    else:
        typer.echo("There is no project yet; `lensmith project create NAME` makes one.")


def table_of(projects: list[dict[str, Any]]) -> Table:
    """Tabulate projects, one row a version."""
    from lensmith.cli.terminal.plain_table import plain_table
    from lensmith.cli.terminal.printable import printable

    table = plain_table()
    table.add_column("project", overflow="fold")
    table.add_column("train", justify="right")
    table.add_column("test", justify="right")
    table.add_column("version", overflow="fold")
    table.add_column("status", no_wrap=True)
    table.add_column("F1", justify="right")
    table.add_column("units", justify="right")
    for project in projects:
        name, *counts = printable(project["name"]), *map(str, _entries(project))
        versions = project["versions"] or [{"name": "-", "status": ""}]
        for row, version in enumerate(versions):
            f1_score, units = version.get("f1_score"), version.get("units")
            table.add_row(
                *((name, *counts) if row == 0 else ("", "", "")),
                printable(version["name"]),
                version["status"],
                "" if f1_score is None else f"{f1_score:.3f}",
                "" if units is None else str(units),
            )
    return table


def _entries(project: dict[str, Any]) -> tuple[Any, Any]:
    counts = {each["type"]: each["entries"] for each in project["datasets"]}
    return counts.get("TRAIN", "-"), counts.get("TEST", "-")


def _project(
    rekognition: RekognitionClient, described: ProjectDescriptionTypeDef
) -> dict[str, Any]:
    from lensmith.cli.project.lookup import every_version
    from lensmith.exchange.failure import service_errors

    datasets = []
    for dataset in described.get("Datasets", []):
        with service_errors(f"describe {dataset['DatasetArn']}"):
            answered = rekognition.describe_dataset(DatasetArn=dataset["DatasetArn"])
        stats = answered["DatasetDescription"].get("DatasetStats", {})
        datasets.append(
            {
                "type": dataset["DatasetType"],
                "status": dataset["Status"],
                "entries": stats.get("TotalEntries", 0),
                "labeled": stats.get("LabeledEntries", 0),
                "errors": stats.get("ErrorEntries", 0),
            }
        )
    versions = every_version(rekognition, described["ProjectArn"])
    return {
        "name": described["ProjectArn"].split("/")[1],
        "arn": described["ProjectArn"],
        "datasets": datasets,
        "versions": [_version(version) for version in versions],
    }


def _version(described: ProjectVersionDescriptionTypeDef) -> dict[str, Any]:
    from lensmith.cli.project.lookup import name_of

    is_running = described["Status"] in {"STARTING", "RUNNING"}
    return {
        "name": name_of(described),
        "arn": described["ProjectVersionArn"],
        "status": described["Status"],
        "message": described.get("StatusMessage"),
        "f1_score": described.get("EvaluationResult", {}).get("F1Score"),
        "units": described.get("MinInferenceUnits") if is_running else None,
    }
