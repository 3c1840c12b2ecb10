"""Projects and datasets, through the public API."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lensmith.exchange.failure import ExchangeError, service_errors
from lensmith.exchange.services import Location

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.literals import DatasetTypeType
    from mypy_boto3_rekognition.type_defs import DatasetDescriptionTypeDef

CHANGES_BYTES = 5_000_000  # a body of UpdateDatasetEntries stays below
_PAUSE = 0.2  # seconds between two polls of a status


@dataclass(frozen=True, slots=True)
class Target:
    """The dataset of one type of one project, which may not exist yet."""

    project: str
    type: DatasetTypeType

    def __str__(self) -> str:
        return f"the {self.type} dataset of {self.project}"


def find_dataset(rekognition: RekognitionClient, target: Target) -> str | None:
    """Return its ARN; None when the project or the dataset is missing."""
    with service_errors(f"look up project {target.project}"):
        found = rekognition.describe_projects(ProjectNames=[target.project])
    for project in found["ProjectDescriptions"]:
        for dataset in project.get("Datasets", []):
            if dataset.get("DatasetType") == target.type:
                return dataset["DatasetArn"]
    return None


def create_dataset(
    rekognition: RekognitionClient, target: Target, manifest: Location | None
) -> str:
    """Create a dataset from a manifest, or empty; its project when missing. Returns the ARN.

    A dataset whose creation failed earlier is replaced.
    """
    with service_errors(f"create {target}"):
        project_arn = _project(rekognition, target.project)
        _delete_failed(rekognition, target)
        if manifest is None:
            return rekognition.create_dataset(ProjectArn=project_arn, DatasetType=target.type)[
                "DatasetArn"
            ]
        stored = {"Bucket": manifest.bucket, "Name": manifest.key}
        return rekognition.create_dataset(
            ProjectArn=project_arn,
            DatasetType=target.type,
            DatasetSource={"GroundTruthManifest": {"S3Object": stored}},  # type: ignore[typeddict-item]
        )["DatasetArn"]


def is_failed(rekognition: RekognitionClient, arn: str) -> bool:
    with service_errors(f"describe {arn}"):
        return _describe(rekognition, arn).get("Status") == "CREATE_FAILED"


def update_dataset(rekognition: RekognitionClient, arn: str, lines: Iterable[bytes]) -> None:
    """Merge lines into a dataset, one request at a time.

    Raises ExchangeError when a request fails; those before it stay.
    """
    for body in bodies(lines):
        with service_errors(f"update {arn}"):
            rekognition.update_dataset_entries(DatasetArn=arn, Changes={"GroundTruth": body})
        settle(rekognition, arn)


def bodies(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Pack lines, each with its end, into request bodies below 5 MB."""
    body = bytearray()
    for line in lines:
        if body and len(body) + len(line) >= CHANGES_BYTES:
            yield bytes(body)
            body.clear()
        body += line
    if body:
        yield bytes(body)


def settle(rekognition: RekognitionClient, arn: str) -> DatasetDescriptionTypeDef:
    """Wait until nothing changes the dataset. Raises ExchangeError when that ended badly."""
    with service_errors(f"describe {arn}"):
        described = _describe(rekognition, arn)
        while described["Status"].endswith("_IN_PROGRESS"):
            time.sleep(_PAUSE)
            described = _describe(rekognition, arn)
    if described["Status"].endswith("_FAILED"):
        raise ExchangeError(f"{arn} is {described['Status']}: {described['StatusMessage']}")
    return described


def _describe(rekognition: RekognitionClient, arn: str) -> DatasetDescriptionTypeDef:
    return rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]


def _project(rekognition: RekognitionClient, name: str) -> str:
    found = rekognition.describe_projects(ProjectNames=[name])["ProjectDescriptions"]
    if found:
        return found[0]["ProjectArn"]
    return rekognition.create_project(ProjectName=name)["ProjectArn"]


def _delete_failed(rekognition: RekognitionClient, target: Target) -> None:
    arn = find_dataset(rekognition, target)
    if arn is None or not is_failed(rekognition, arn):
        return
    rekognition.delete_dataset(DatasetArn=arn)
    while find_dataset(rekognition, target) is not None:
        time.sleep(_PAUSE)
