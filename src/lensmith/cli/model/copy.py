"""`lensmith copy`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient


def copy(
    project: Annotated[
        str,
        typer.Argument(
            metavar="PROJECT", help="Name of the project, or its ARN in another account"
        ),
    ],
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="Name of the version; with a project's ARN its")
    ],
    destination: Annotated[str, typer.Argument(metavar="TO", help="Name of a project of yours")],
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="Of the copy; without it that of the version"),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            help="Folder for the result files [default: s3://custom-labels-import/TO/results]",
            show_default=False,
        ),
    ] = None,
    wait: Annotated[bool, typer.Option(help="Wait until it is copied")] = True,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Copy a trained model to another project; what another account shares, too."""
    from lensmith.cli.connection.aws_services import connect
    from lensmith.cli.model.waiting import wait_while
    from lensmith.cli.project.lookup import find_project
    from lensmith.cli.training.train import default_output
    from lensmith.exchange.failure import service_errors
    from lensmith.exchange.services import Location
    from lensmith.exchange.upload import make_bucket

    services = connect(profile, data_directory)
    project_arn, version_arn = _source(services.rekognition, project, version)
    copied = name or version_arn.split("/")[3]
    destination_arn = find_project(services.rekognition, destination)["ProjectArn"]
    place = Location.read(output or default_output(destination))
    make_bucket(services.s3, place.bucket)
    with service_errors(f"copy {project} {version}"):
        services.rekognition.copy_project_version(
            SourceProjectArn=project_arn,
            SourceProjectVersionArn=version_arn,
            DestinationProjectArn=destination_arn,
            VersionName=copied,
            OutputConfig={"S3Bucket": place.bucket, "S3KeyPrefix": place.key},
        )
    if not wait:
        typer.echo(f"{destination} {copied} is being copied; see `lensmith list {destination}`.")
        return
    status = wait_while(services.rekognition, destination, copied, "COPYING_IN_PROGRESS")
    typer.echo(f"{destination} {copied} is {status}.")
    typer.echo(f"Start it: lensmith start {destination} {copied}")


def _source(rekognition: RekognitionClient, project: str, version: str) -> tuple[str, str]:
    """Return the ARNs of project and version.

    Raises LensmithError for names that there are not, and for a name beside an ARN.
    """
    from lensmith.cli.project.lookup import find_project, find_version
    from lensmith.domain.arn import ProjectArn, ProjectVersionArn
    from lensmith.domain.errors import LensmithError

    if not project.startswith("arn:"):
        found = find_version(rekognition, project, version)["ProjectVersionArn"]
        return find_project(rekognition, project)["ProjectArn"], found
    if ProjectArn.parse(project) is None or ProjectVersionArn.parse(version) is None:
        raise LensmithError(
            "Beside the ARN of a project the ARN of one of its versions is needed; "
            "who shares it sees both in `aws rekognition describe-project-versions`."
        )
    return project, version
