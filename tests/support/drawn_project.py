"""Projects of drawn flowers in the bucket of a live server, as small as a training can be."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from bench.drawn.flowers import FLOWERS
from tests.support.eventually import until

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.literals import DatasetTypeType
    from mypy_boto3_s3 import S3Client

PICTURES: dict[DatasetTypeType, int] = {"TRAIN": 8, "TEST": 8}


def drawn_project(
    rekognition: RekognitionClient, s3: S3Client, relabelled: dict[str, str] | None = None
) -> tuple[str, str]:
    """Create a project of two labelled datasets; return its name and ARN.

    `relabelled` renames labels of the test dataset, so that they do not fit those trained.
    """
    name = f"drawn-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    arn = rekognition.create_project(ProjectName=name)["ProjectArn"]
    for kind, count in PICTURES.items():
        lines = []
        for picture in FLOWERS.images(kind, count):
            s3.put_object(Bucket=name, Key=f"{kind}/{picture.name}", Body=picture.jpeg())
            line = picture.manifest_line(f"s3://{name}/{kind}")
            for before, after in (relabelled or {}).items():
                if kind == "TEST":
                    line = _relabelled(line, before, after)
            lines.append(line)
        s3.put_object(Bucket=name, Key=f"{kind}.manifest", Body="\n".join(lines).encode())
        place = {"S3Object": {"Bucket": name, "Name": f"{kind}.manifest"}}
        dataset = rekognition.create_dataset(
            ProjectArn=arn,
            DatasetType=kind,
            DatasetSource={"GroundTruthManifest": place},  # type: ignore[typeddict-item]
        )["DatasetArn"]
        until(lambda arn=dataset: _is_complete(rekognition, arn), message="no dataset")  # type: ignore[misc]
    return name, arn


def _relabelled(line: str, before: str, after: str) -> str:
    entry = json.loads(line)
    if before not in entry:
        return line
    entry[after], metadata = entry.pop(before), entry.pop(f"{before}-metadata")
    entry[f"{after}-metadata"] = metadata | {"class-name": after}
    return json.dumps(entry)


def _is_complete(rekognition: RekognitionClient, arn: str) -> bool:
    described = rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]
    return described["Status"] == "CREATE_COMPLETE"
