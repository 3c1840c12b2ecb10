"""A project whose datasets have one of every trouble that a health check finds in images."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.drawn.flowers import FLOWERS
from PIL import Image, ImageOps
from tests.datasets.orchard import boxed, image
from tests.support.eventually import until

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.literals import DatasetTypeType
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Gallery:
    """Images and datasets of one project."""

    rekognition: RekognitionClient
    s3: S3Client
    bucket: str
    project: str

    def open(self) -> None:
        """Create the project and both datasets; returns when they are complete."""
        self._upload_images()
        arn = self.rekognition.create_project(ProjectName=self.project)["ProjectArn"]
        self._create(arn, "TRAIN", self._train_lines())
        self._create(arn, "TEST", self._test_lines())

    def ref(self, name: str) -> str:
        return f"s3://{self.bucket}/{name}"

    def _upload_images(self) -> None:
        flowers = [each.image.convert("RGB") for each in FLOWERS.images("gallery", 16)]
        for number, flower in enumerate(flowers):
            self._put(f"{number}.jpg", _jpeg(flower))
        self._put("same.jpg", _jpeg(flowers[0]))
        self._put("smaller.jpg", _jpeg(flowers[1].resize((200, 150)), quality=60))
        self._put("leaked.jpg", _jpeg(flowers[2]))
        self._put("mirrored.jpg", _jpeg(ImageOps.mirror(flowers[3])))
        self._put("text.jpg", b"no image at all")

    def _train_lines(self) -> list[str]:
        lines = [self._line(f"{number}.jpg", "daisy") for number in range(11)]
        lines += [self._line(f"{number}.jpg", "rose") for number in (11, 12)]
        lines += [self._line(name, "daisy") for name in ("same.jpg", "smaller.jpg", "text.jpg")]
        lines.append(self._line("gone.jpg", "daisy"))
        lines.append(self._line("13.jpg"))
        wrong = boxed("14.jpg", "daisy", side=-5)
        return [*lines, wrong.replace("s3://images/", f"s3://{self.bucket}/")]

    def _test_lines(self) -> list[str]:
        named = {"leaked.jpg": "daisy", "mirrored.jpg": "rose", "15.jpg": "tulip"}
        return [self._line(name, label) for name, label in named.items()]

    def _line(self, name: str, *labels: str) -> str:
        return image(name, *labels, bucket=self.bucket)

    def _put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def _create(self, project_arn: str, kind: DatasetTypeType, lines: list[str]) -> None:
        self._put(f"{kind}.manifest", "\n".join(lines).encode())
        arn = self.rekognition.create_dataset(
            ProjectArn=project_arn,
            DatasetType=kind,
            DatasetSource={
                "GroundTruthManifest": {
                    "S3Object": {"Bucket": self.bucket, "Name": f"{kind}.manifest"}
                }
            },
        )["DatasetArn"]
        found = until(
            lambda: self.rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"],
            lambda dataset: dataset["Status"] != "CREATE_IN_PROGRESS",
        )
        assert found["Status"] == "CREATE_COMPLETE", found["StatusMessage"]


def _jpeg(picture: Image.Image, quality: int = 90) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
