"""Small drawn pictures in a bucket, and datasets of them made through boto3."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw
from tests.support.eventually import until

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.literals import DatasetTypeType
    from mypy_boto3_s3 import S3Client

SIZE = (320, 240)
COLOURS = {"apple": "#c0392b", "pear": "#7fae3b", "plum": "#6c3483"}
Box = tuple[str, int, int, int, int]
"""Label, left, top, width, height in pixels."""


@dataclass(frozen=True)
class Fruit:
    """A picture of one fruit, and the box around it."""

    label: str
    number: int

    @property
    def box(self) -> Box:
        left, top = 20 + 37 * self.number % 150, 15 + 23 * self.number % 100
        return self.label, left, top, 90, 80

    def png(self, size: tuple[int, int] = SIZE) -> bytes:
        picture = Image.new("RGB", size, "#e8e2d4")
        _, left, top, width, height = self.box
        outline = (left, top, left + width - 1, top + height - 1)
        ImageDraw.Draw(picture).ellipse(outline, fill=COLOURS[self.label])
        return encoded(picture)


def encoded(picture: Image.Image, file_format: str = "PNG") -> bytes:
    file = io.BytesIO()
    picture.save(file, file_format)
    return file.getvalue()


def line(ref: str, labels: Sequence[str] = (), boxes: Sequence[Box] = ()) -> dict[str, Any]:
    """A manifest line (manifests.md 2): image-level labels, boxes, both or neither."""
    common = {"human-annotated": "yes", "creation-date": "2026-11-29T12:00:00", "job-name": "t"}
    entry: dict[str, Any] = {"source-ref": ref}
    for label in labels:
        entry[f"is-{label}"] = 1
        classified = {
            "class-name": label,
            "confidence": 1,
            "type": "groundtruth/image-classification",
        }
        entry[f"is-{label}-metadata"] = {**common, **classified}
    if boxes:
        names = sorted({box[0] for box in boxes})
        keys = ("class_id", "left", "top", "width", "height")
        annotations = [
            dict(zip(keys, (names.index(name), *place), strict=True)) for name, *place in boxes
        ]
        size = {"width": SIZE[0], "height": SIZE[1], "depth": 3}
        entry["fruit"] = {"image_size": [size], "annotations": annotations}
        entry["fruit-metadata"] = {
            **common,
            "objects": [{"confidence": 1} for _ in boxes],
            "class-map": {str(number): name for number, name in enumerate(names)},
            "type": "groundtruth/object-detection",
        }
    return entry


@dataclass(frozen=True)
class Shop:
    """Makes buckets, projects and datasets."""

    rekognition: RekognitionClient
    s3: S3Client

    def bucket(self, objects: Mapping[str, bytes]) -> str:
        name = f"pictures-{uuid.uuid4().hex[:12]}"
        self.s3.create_bucket(Bucket=name)
        for key, content in objects.items():
            self.s3.put_object(Bucket=name, Key=key, Body=content)
        return name

    def project(self) -> tuple[str, str]:
        """Its name and its ARN."""
        name = f"fruit-{uuid.uuid4().hex[:8]}"
        return name, self.rekognition.create_project(ProjectName=name)["ProjectArn"]

    def dataset(
        self, project_arn: str, bucket: str, lines: Sequence[Any], kind: DatasetTypeType = "TRAIN"
    ) -> str:
        """The ARN of a dataset of those manifest lines, once it is complete."""
        text = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)
        self.s3.put_object(Bucket=bucket, Key=f"{kind}.manifest", Body=text.encode())
        arn = self.rekognition.create_dataset(
            ProjectArn=project_arn,
            DatasetType=kind,
            DatasetSource={
                "GroundTruthManifest": {"S3Object": {"Bucket": bucket, "Name": f"{kind}.manifest"}}
            },
        )["DatasetArn"]
        until(lambda: self.status(arn) == "CREATE_COMPLETE", message="no dataset")
        return arn

    def status(self, arn: str) -> str:
        return self.rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]["Status"]

    def empty_dataset(self, project_arn: str, kind: DatasetTypeType = "TRAIN") -> str:
        return self.rekognition.create_dataset(ProjectArn=project_arn, DatasetType=kind)[
            "DatasetArn"
        ]

    def entries(self, arn: str) -> dict[str, dict[str, Any]]:
        """Every entry of a dataset, by the name of its picture."""
        pages = self.rekognition.get_paginator("list_dataset_entries").paginate(DatasetArn=arn)
        found = [json.loads(text) for page in pages for text in page["DatasetEntries"]]
        return {each["source-ref"].rsplit("/", 1)[-1]: each for each in found}

    def image_labels(self, arn: str) -> dict[str, list[str]]:
        """Image-level labels of pictures that have some, by name."""
        found = {
            name: sorted(
                value["class-name"]
                for value in entry.values()
                if isinstance(value, dict) and "class-name" in value
            )
            for name, entry in self.entries(arn).items()
        }
        return {name: labels for name, labels in found.items() if labels}

    def fruit(self, count: int = 12, *, labeled: int | None = None, boxes: bool = False) -> Fruits:
        """A project with a training dataset of so many pictures, the first of them labelled."""
        labels = list(COLOURS)
        fruits = [Fruit(labels[number % 3], number) for number in range(count)]
        bucket = self.bucket({f"shelf/{each.number:03}.png": each.png() for each in fruits})
        lines = []
        for each in fruits:
            ref = f"s3://{bucket}/shelf/{each.number:03}.png"
            known = labeled is None or each.number < labeled
            lines.append(
                line(
                    ref,
                    [each.label] if known and not boxes else [],
                    [each.box] if known and boxes else [],
                )
            )
        name, arn = self.project()
        return Fruits(name, arn, self.dataset(arn, bucket, lines), bucket)


@dataclass(frozen=True)
class Fruits:
    project: str
    project_arn: str
    dataset_arn: str
    bucket: str
