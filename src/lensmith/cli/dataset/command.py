"""`lensmith dataset`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile
from lensmith.cli.connection.version_path import ProjectArgument
from lensmith.cli.dataset.import_dataset import DatasetChoice
from lensmith.cli.terminal.confirm import Yes, confirm

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import DatasetDescriptionTypeDef

    from lensmith.exchange.dataset import Target

app = typer.Typer(help="The TRAIN and TEST dataset of a project.", no_args_is_help=True)

Type = Annotated[DatasetChoice, typer.Option("--type", help="Which dataset")]


@app.command("create")
def create(
    project: ProjectArgument,
    type_: Type = DatasetChoice.TRAIN,
    manifest: Annotated[
        str | None,
        typer.Option(help="s3://BUCKET/KEY of a manifest; without it an empty dataset is made"),
    ] = None,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Create a dataset. `lensmith import` fills one from files on this machine."""
    from lensmith.cli.connection.aws_services import connect_rekognition
    from lensmith.exchange.dataset import create_dataset, settle
    from lensmith.exchange.services import Location

    rekognition = connect_rekognition(profile, data_directory)
    target = _target(project, type_)
    place = None if manifest is None else Location.read(manifest)
    arn = create_dataset(rekognition, target, place)
    _show(project, type_, settle(rekognition, arn))


@app.command("show")
def show(
    project: ProjectArgument, profile: Profile = None, data_directory: DataDirectory = None
) -> None:
    """Show entries, errors and labels of a project's datasets."""
    from lensmith.cli.connection.aws_services import connect_rekognition
    from lensmith.cli.project.lookup import find_project
    from lensmith.exchange.failure import service_errors

    rekognition = connect_rekognition(profile, data_directory)
    found = find_project(rekognition, project).get("Datasets", [])
    for dataset in sorted(found, key=lambda each: each["DatasetType"], reverse=True):
        arn = dataset["DatasetArn"]
        with service_errors(f"describe {arn}"):
            described = rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]
        _show(project, DatasetChoice(dataset["DatasetType"].lower()), described)
        _show_labels(rekognition, arn)
    if not found:
        typer.echo(f"{project} has no dataset yet; `lensmith import` makes one.")


@app.command("split")
def split(
    project: ProjectArgument, profile: Profile = None, data_directory: DataDirectory = None
) -> None:
    """Move a fifth of the TRAIN dataset into a new TEST dataset, every label in both."""
    from lensmith.cli.connection.aws_services import connect_rekognition
    from lensmith.exchange.dataset import create_dataset, find_dataset, settle
    from lensmith.exchange.failure import service_errors

    rekognition = connect_rekognition(profile, data_directory)
    train = _existing(rekognition, project, DatasetChoice.TRAIN)
    target = _target(project, DatasetChoice.TEST)
    test = find_dataset(rekognition, target) or create_dataset(rekognition, target, None)
    settle(rekognition, test)
    with service_errors(f"split the dataset of {project}"):
        rekognition.distribute_dataset_entries(Datasets=[{"Arn": train}, {"Arn": test}])
    for type_, arn in ((DatasetChoice.TRAIN, train), (DatasetChoice.TEST, test)):
        _show(project, type_, settle(rekognition, arn))


@app.command("delete")
def delete(
    project: ProjectArgument,
    type_: Type = DatasetChoice.TRAIN,
    yes: Yes = False,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Delete a dataset. Pictures in S3 and trained models stay."""
    import time

    from lensmith.cli.connection.aws_services import connect_rekognition
    from lensmith.exchange.dataset import find_dataset
    from lensmith.exchange.failure import service_errors

    rekognition = connect_rekognition(profile, data_directory)
    arn = _existing(rekognition, project, type_)
    confirm(f"Delete the {type_.value} dataset of {project}?", yes)
    with service_errors(f"delete {arn}"):
        rekognition.delete_dataset(DatasetArn=arn)
    while find_dataset(rekognition, _target(project, type_)) == arn:
        time.sleep(0.1)
    typer.echo(f"Deleted the {type_.value} dataset of {project}.")


def _target(project: str, type_: DatasetChoice) -> Target:
    from lensmith.exchange.dataset import Target

    return Target(project, "TRAIN" if type_ is DatasetChoice.TRAIN else "TEST")


def _existing(rekognition: RekognitionClient, project: str, type_: DatasetChoice) -> str:
    """Raises LensmithError when the project or the dataset is missing."""
    from lensmith.cli.project.lookup import find_project
    from lensmith.domain.errors import LensmithError
    from lensmith.exchange.dataset import find_dataset

    find_project(rekognition, project)
    arn = find_dataset(rekognition, _target(project, type_))
    if arn is None:
        raise LensmithError(f"{project} has no {type_.value} dataset; `lensmith import` makes one.")
    return arn


def _show(project: str, type_: DatasetChoice, described: DatasetDescriptionTypeDef) -> None:
    stats = described.get("DatasetStats", {})
    entries, labeled = stats.get("TotalEntries", 0), stats.get("LabeledEntries", 0)
    errors = stats.get("ErrorEntries", 0)
    typer.echo(
        f"{project} {type_.value}: {entries} entries, {labeled} with labels, {errors} with errors"
    )


def _show_labels(rekognition: RekognitionClient, arn: str) -> None:
    from rich.console import Console

    from lensmith.cli.terminal.plain_table import plain_table
    from lensmith.cli.terminal.printable import printable
    from lensmith.exchange.failure import service_errors

    table = plain_table()
    table.add_column("label", overflow="fold")
    table.add_column("images", justify="right")
    with service_errors(f"list the labels of {arn}"):
        pages = rekognition.get_paginator("list_dataset_labels").paginate(DatasetArn=arn)
        for page in pages:
            for each in page["DatasetLabelDescriptions"]:
                count = each.get("LabelStats", {}).get("EntryCount", 0)
                table.add_row(printable(each["LabelName"]), str(count))
    if table.rows:
        Console().print(table)
