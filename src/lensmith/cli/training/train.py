"""`lensmith train`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile
from lensmith.cli.connection.version_path import ProjectArgument

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

    from lensmith.exchange.services import Services

_INTERRUPTED = 130  # as shells report SIGINT


def train(
    project: ProjectArgument,
    version: Annotated[
        str | None,
        typer.Argument(
            metavar="[VERSION]", help="Its name; without it v1, v2 ...", show_default=False
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            help="Folder for the result files [default: s3://custom-labels-import/PROJECT/results]",
            show_default=False,
        ),
    ] = None,
    budget: Annotated[
        int | None,
        typer.Option(help="Seconds that fitting may take", min=60, show_default=False),
    ] = None,
    wait: Annotated[bool, typer.Option(help="Follow the training to its end")] = True,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Train a new version on the project's datasets. Without a test dataset one is split off."""
    from lensmith.cli.connection.aws_services import connect
    from lensmith.cli.project.lookup import find_project
    from lensmith.cli.training.command import training

    services = connect(profile, data_directory)
    arn = find_project(services.rekognition, project)["ProjectArn"]
    name = version or _next_name(services.rekognition, arn)
    _begin(services, arn, name, output or default_output(project), budget)
    typer.echo(f"Training {project} {name}.")
    if not wait:
        typer.echo(f"Follow it: lensmith training {project} {name} --follow")
        return
    try:
        training(project, name, follow=True, profile=profile, data_directory=data_directory)
    except KeyboardInterrupt:
        typer.echo(
            f"The training goes on. Follow it: lensmith training {project} {name} --follow; "
            f"end it: lensmith cancel {project} {name}",
            err=True,
        )
        raise SystemExit(_INTERRUPTED) from None


def default_output(project: str) -> str:
    from lensmith.cli.dataset.import_dataset import DEFAULT_BUCKET

    return f"s3://{DEFAULT_BUCKET}/{project}/results"


def _begin(
    services: Services, project_arn: str, name: str, output: str, budget: int | None
) -> None:
    from lensmith.domain.time_budget import TIME_BUDGET_TAG
    from lensmith.exchange.failure import service_errors
    from lensmith.exchange.services import Location
    from lensmith.exchange.upload import make_bucket

    place = Location.read(output)
    make_bucket(services.s3, place.bucket)
    with service_errors(f"train {name}"):
        services.rekognition.create_project_version(
            ProjectArn=project_arn,
            VersionName=name,
            OutputConfig={"S3Bucket": place.bucket, "S3KeyPrefix": place.key},
            Tags={} if budget is None else {TIME_BUDGET_TAG: str(budget)},
        )


def _next_name(rekognition: RekognitionClient, project_arn: str) -> str:
    """Return the first of v1, v2 ... that no version has or comes before."""
    import re

    from lensmith.cli.project.lookup import every_version, name_of

    names = map(name_of, every_version(rekognition, project_arn))
    numbers = [int(found[1]) for name in names if (found := re.fullmatch(r"v(\d{1,9})", name))]
    return f"v{max(numbers, default=0) + 1}"
