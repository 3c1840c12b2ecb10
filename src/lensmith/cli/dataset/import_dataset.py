"""`lensmith import`."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile
from lensmith.exchange.formats import ImportFormat

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from rich.console import Console

    from lensmith.exchange.importing import Imported, ImportRequest
    from lensmith.exchange.set_parts import SetPart
    from lensmith.exchange.staging import Staged
    from lensmith.manifest.convert.draft import Problem

DEFAULT_BUCKET = "custom-labels-import"


class DatasetChoice(enum.StrEnum):
    """Which dataset of a project."""

    TRAIN = "train"
    TEST = "test"


ProblemsFile = Annotated[
    Path | None,
    typer.Option("--problems", help="Write everything that was skipped to this file, one a line"),
]
ProjectName = Annotated[str, typer.Option("--project", help="Name of the project")]


def import_dataset(
    format_: Annotated[ImportFormat, typer.Argument(metavar="FORMAT")],
    source: Annotated[
        str, typer.Argument(help="File, folder or zip; some formats: s3://BUCKET/KEY")
    ],
    project: ProjectName,
    type_: Annotated[
        DatasetChoice | None,
        typer.Option(
            "--type",
            help="Which dataset [default: both, where the source is divided, else train]",
            show_default=False,
        ),
    ] = None,
    bucket: Annotated[str, typer.Option(help="Where images go")] = DEFAULT_BUCKET,
    prefix: Annotated[
        str | None,
        typer.Option(help="Folder in the bucket [default: PROJECT/TYPE]", show_default=False),
    ] = None,
    images: Annotated[
        str | None,
        typer.Option(help="Where the images are: a folder to upload from, or s3://BUCKET/FOLDER"),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(help="Split of the source [default: those of --type]", show_default=False),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Merge with the dataset that exists")
    ] = False,
    manifest_only: Annotated[
        Path | None,
        typer.Option(help="Write the manifest to this file; upload and create nothing"),
    ] = None,
    problems: ProblemsFile = None,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Bring labelled images into a dataset. Stopped at any point, run it again to go on."""
    from rich.console import Console

    from lensmith.cli.dataset.progress_view import ConsoleSteps, show_problems
    from lensmith.exchange.archive import unpacked
    from lensmith.exchange.import_parts import chosen_parts, requests_of
    from lensmith.exchange.importing import ImportRequest
    from lensmith.exchange.services import Location

    console = Console()
    wanted = (type_ or DatasetChoice.TRAIN).value
    with unpacked(source, ConsoleSteps(console)) as place:
        whole = ImportRequest(format_, place, Location(bucket, ""), images, split or wanted)
        parts = chosen_parts(whole, type_ and type_.value, split)
        requests = requests_of(whole, parts, project, prefix)
        if manifest_only is not None:
            staged = _write_manifest(requests[0], manifest_only, profile, data_directory, console)
            _name_others(parts, console)
            show_problems(console, staged.problems, problems)
            return
        found = _import(requests, parts, project, update, profile, data_directory, console)
        show_problems(console, found, problems)


def _import(
    requests: list[ImportRequest],
    parts: list[SetPart],
    project: str,
    update: bool,
    profile: str | None,
    data_directory: Path | None,
    console: Console,
) -> list[Problem]:
    """Import each part into the dataset of its type, and return the problems of all."""
    from lensmith.cli.connection.aws_services import connect
    from lensmith.cli.dataset.progress_view import ConsoleSteps
    from lensmith.exchange import importing
    from lensmith.exchange.dataset import Target
    from lensmith.exchange.import_parts import not_of_others

    services = connect(profile, data_directory)
    problems: list[Problem] = []
    filled: set[str] = set()
    for request, part in zip(requests, parts, strict=True):
        target = Target(project, "TRAIN" if part.type == "train" else "TEST")
        merge = update or part.type in filled
        steps = ConsoleSteps(console)
        imported = importing.import_dataset(services, request, target, steps, update=merge)
        filled.add(part.type)
        imported.staged.problems = not_of_others(imported.staged.problems, parts)
        title = f"{part.type} dataset of {project}"
        _show(imported, f"{title}, from {part.split}" if len(parts) > 1 else title, console)
        problems += imported.staged.problems
    return problems


def _write_manifest(
    request: ImportRequest,
    manifest: Path,
    profile: str | None,
    data_directory: Path | None,
    console: Console,
) -> Staged:
    from lensmith.cli.connection.aws_services import connect
    from lensmith.cli.dataset.progress_view import ConsoleSteps
    from lensmith.cli.terminal.plain_table import show_facts
    from lensmith.exchange.destinations.whole_file import whole_file
    from lensmith.exchange.importing import write_manifest
    from lensmith.exchange.services import is_location

    s3 = None
    if is_location(request.source):
        s3 = connect(profile, data_directory).s3
    elif request.images is not None and is_location(request.images):
        s3 = _store_of(request.images, profile, data_directory)
        if s3 is None:
            console.print("The images are taken to be there: their bucket cannot be listed now.")
    with whole_file(manifest) as file:
        staged, _ = write_manifest(request, s3, file, ConsoleSteps(console))
    rows = [("Lines", staged.lines), ("Skipped", staged.skipped), ("Manifest", manifest)]
    show_facts(console, "Wrote a manifest", rows)
    return staged


def _name_others(parts: list[SetPart], console: Console) -> None:
    if len(parts) > 1:
        others = ", ".join(part.split for part in parts[1:])
        console.print(f"It holds {parts[0].split} alone; by --split: {others}.", markup=False)


def _store_of(images: str, profile: str | None, data_directory: Path | None) -> S3Client | None:
    """Connect to the store of the images; None where it cannot be asked for them."""
    from botocore.exceptions import BotoCoreError, ClientError

    from lensmith.cli.connection.aws_services import connect
    from lensmith.domain.errors import LensmithError
    from lensmith.exchange.services import Location

    try:
        s3 = connect(profile, data_directory).s3
        s3.head_bucket(Bucket=Location.read(images).bucket)
    except (LensmithError, ClientError, BotoCoreError):
        return None
    return s3


def _show(imported: Imported, title: str, console: Console) -> None:
    from lensmith.cli.terminal.plain_table import show_facts

    stats = imported.dataset["DatasetStats"]
    rows: list[tuple[str, object]] = [
        ("Lines imported", imported.staged.lines),
        ("Entries in the dataset", stats.get("TotalEntries", 0)),
        ("  with labels", stats.get("LabeledEntries", 0)),
        ("  with errors", stats.get("ErrorEntries", 0)),
        ("Labels", stats.get("TotalLabels", 0)),
        ("Images uploaded", imported.uploaded.sent),
        ("Images there already", imported.uploaded.present),
        ("Skipped", imported.staged.skipped),
        ("Manifest", imported.manifest),
    ]
    show_facts(console, f"Imported into the {title}", rows)
    if stats.get("ErrorEntries"):
        console.print(
            "Entries with errors: aws rekognition list-dataset-entries --has-errors names them.",
            markup=False,
        )
