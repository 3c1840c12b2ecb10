"""Hands manifests to a live server with boto3 and reads back what validation says of them."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from tests.manifest.lines import Json, encoded
from tests.support.eventually import until

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import (
        DatasetDescriptionTypeDef,
        GroundTruthManifestTypeDef,
        OutputConfigTypeDef,
        ProjectVersionDescriptionTypeDef,
        TestingDataTypeDef,
    )
    from mypy_boto3_s3 import S3Client


Lines = Iterable[Json | bytes]

_T = TypeVar("_T")


@dataclass
class ValidatingService:
    """The two moments of validation, as a client meets them."""

    rekognition: RekognitionClient
    s3: S3Client
    bucket: str  # manifests, and the images that lines name unless a test says otherwise
    output: str  # where trainings write
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def image(self, name: str = "good.png") -> str:
        """The source-ref of a shared image."""
        return f"s3://{self.bucket}/{name}"

    def put_image(self, name: str, content: bytes) -> str:
        self.s3.put_object(Bucket=self.bucket, Key=name, Body=content)
        return self.image(name)

    def put_manifest(
        self, content: Lines | bytes, key: str = "", bucket: str = ""
    ) -> GroundTruthManifestTypeDef:
        body = content if isinstance(content, bytes) else joined(content)
        name = key or f"manifests/{next(self._numbers)}.manifest"
        self.s3.put_object(Bucket=bucket or self.bucket, Key=name, Body=body)
        return {"S3Object": {"Bucket": bucket or self.bucket, "Name": name}}

    def new_bucket(self, prefix: str = "lab") -> str:
        name = f"{prefix}-{uuid.uuid4().hex[:12]}"
        self.s3.create_bucket(Bucket=name)
        return name

    def new_project(self) -> str:
        name = f"orchard-{uuid.uuid4().hex[:10]}"
        return self.rekognition.create_project(ProjectName=name)["ProjectArn"]

    # Datasets

    def begin_dataset(
        self,
        manifest: GroundTruthManifestTypeDef | None,
        kind: str = "TRAIN",
        project: str = "",
        client: RekognitionClient | None = None,
    ) -> str:
        """CreateDataset; the ARN of a dataset that may still be in progress."""
        source: Any = {"DatasetSource": {"GroundTruthManifest": manifest}} if manifest else {}
        return (client or self.rekognition).create_dataset(
            ProjectArn=project or self.new_project(),
            DatasetType=kind,  # type: ignore[arg-type]
            **source,
        )["DatasetArn"]

    def create_dataset(
        self, content: Lines | bytes, key: str = "", kind: str = "TRAIN", project: str = ""
    ) -> str:
        """A dataset from a manifest of this content, once it is settled."""
        arn = self.begin_dataset(self.put_manifest(content, key), kind, project)
        self.settled(arn)
        return arn

    def update(self, arn: str, lines: Lines) -> DatasetDescriptionTypeDef:
        self.rekognition.update_dataset_entries(
            DatasetArn=arn, Changes={"GroundTruth": joined(lines)}
        )
        return self.settled(arn)

    def distribute(self, train: str, test: str) -> None:
        self.rekognition.distribute_dataset_entries(Datasets=[{"Arn": train}, {"Arn": test}])
        self.settled(train)
        self.settled(test)

    def settled(self, arn: str) -> DatasetDescriptionTypeDef:
        return until(
            lambda: self.rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"],
            lambda seen: not seen["Status"].endswith("_IN_PROGRESS"),
        )

    def verdict(self, arn: str) -> tuple[str, str, str]:
        """Status, StatusMessageCode and StatusMessage of a settled dataset."""
        found = self.settled(arn)
        return found["Status"], found["StatusMessageCode"], found["StatusMessage"]

    def entries(self, arn: str, **filters: Any) -> list[Json]:
        """Every entry, as ListDatasetEntries returns it."""
        pages = self.rekognition.get_paginator("list_dataset_entries").paginate(
            DatasetArn=arn, **filters
        )
        return [json.loads(line) for page in pages for line in page["DatasetEntries"]]

    # Trainings

    def train(
        self,
        training: GroundTruthManifestTypeDef | Lines,
        testing: GroundTruthManifestTypeDef | Lines | None,
        *,
        output: str = "",
        client: RekognitionClient | None = None,
    ) -> Training:
        """CreateProjectVersion with external manifests; `testing` None splits the other one."""
        tested: TestingDataTypeDef = {"AutoCreate": True}
        if testing is not None:
            tested = {"Assets": [{"GroundTruthManifest": self._manifest(testing)}]}
        given: Any = {
            "TrainingData": {"Assets": [{"GroundTruthManifest": self._manifest(training)}]},
            "TestingData": tested,
        }
        return self._train(self.new_project(), output or self.output, client, given)

    def train_on_datasets(self, project: str) -> Training:
        """CreateProjectVersion with whatever datasets the project has."""
        return self._train(project, self.output, None, {})

    def _manifest(self, given: GroundTruthManifestTypeDef | Lines) -> GroundTruthManifestTypeDef:
        return given if isinstance(given, dict) else self.put_manifest(given)  # type: ignore[return-value]

    def _train(
        self, project: str, bucket: str, client: RekognitionClient | None, given: Any
    ) -> Training:
        prefix = f"runs/{next(self._numbers)}"
        output: OutputConfigTypeDef = {"S3Bucket": bucket, "S3KeyPrefix": prefix}
        (client or self.rekognition).create_project_version(
            ProjectArn=project, VersionName="v1", OutputConfig=output, **given
        )
        return Training(self, project, bucket, prefix)


@dataclass
class Training:
    """One project version; looking at what became of it waits until it has ended."""

    service: ValidatingService
    project: str
    bucket: str
    prefix: str

    @cached_property
    def described(self) -> ProjectVersionDescriptionTypeDef:
        def describe() -> ProjectVersionDescriptionTypeDef:
            (found,) = self.service.rekognition.describe_project_versions(ProjectArn=self.project)[
                "ProjectVersionDescriptions"
            ]
            return found

        # Every look costs the server and the client; no training ends sooner than this pause.
        return until(describe, lambda seen: seen["Status"] != "TRAINING_IN_PROGRESS", pause=0.25)

    @property
    def project_name(self) -> str:
        return self.project.split("/")[1]

    @property
    def verdict(self) -> tuple[str, str]:
        return self.described["Status"], self.described["StatusMessage"]

    @cached_property
    def summary(self) -> Json:
        content: Json = json.loads(self.read(self.described["ManifestSummary"]))
        return content

    @cached_property
    def training_lines(self) -> list[Json]:
        """The training manifest with validation results."""
        return self._lines(self.described["TrainingDataResult"]["Validation"])

    @cached_property
    def testing_lines(self) -> list[Json]:
        return self._lines(self.described["TestingDataResult"]["Validation"])

    def errors(self, place: str) -> list[str]:
        """Codes that the summary holds for `training`, `testing` or, as `both`, at its top."""
        holder = self.summary if place == "both" else self.summary["statistics"][place]
        return [error["code"] for error in holder["errors"]]

    @property
    def use_cases(self) -> set[str]:
        return {part["use_case"] for part in self.summary["statistics"].values()}

    def files(self) -> list[str]:
        """Names below the output prefix."""
        listed = self.service.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        keys = [one["Key"] for one in listed]
        return [
            key.removeprefix(self.prefix + "/") for key in keys if key.startswith(self.prefix + "/")
        ]

    def read(self, pointer: Any) -> bytes:
        """The file that an S3Object member of the description points to."""
        named = pointer["S3Object"]
        found = self.service.s3.get_object(Bucket=named["Bucket"], Key=named["Name"])
        return found["Body"].read()

    def _lines(self, assets: Any) -> list[Json]:
        (asset,) = assets["Assets"]
        return [json.loads(line) for line in self.read(asset["GroundTruthManifest"]).splitlines()]


def joined(lines: Lines) -> bytes:
    return b"".join((line if isinstance(line, bytes) else encoded(line)) + b"\n" for line in lines)
