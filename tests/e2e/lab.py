"""Somebody who uses Lensmith through boto3: draws pictures, uploads, trains, starts, detects."""

from __future__ import annotations

import json
import signal
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import psutil
from bench.drawn.drawn_image import DrawnImage
from tests.support.eventually import until
from tests.support.live_server import LiveServer

from lensmith.domain.job import Job
from lensmith.store.records import jobs
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.literals import DatasetTypeType
    from mypy_boto3_rekognition.type_defs import (
        CustomLabelTypeDef,
        ProjectVersionDescriptionTypeDef,
        S3ObjectTypeDef,
    )
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")
TIMEOUT_SECONDS = 280  # only ever reached by a failure
TRAINED, RUNNING = "project_version_training_completed", "project_version_running"


def unused_name(what: str) -> str:
    return f"{what}-{uuid.uuid4().hex[:8]}"


def kill(server: LiveServer) -> None:
    """kill -9; returns when the server and everything it had started are gone."""
    children = server.children()
    assert server.stop(signal.SIGKILL) == -signal.SIGKILL
    until(lambda: [child for child in children if is_alive(child)], lambda alive: alive == [])


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@dataclass
class Lab:
    """One user of one server, with a bucket for everything."""

    server: LiveServer
    bucket: str

    @classmethod
    def open(cls, server: LiveServer) -> Lab:
        lab = cls(server, unused_name("custom-labels"))
        lab.s3.create_bucket(Bucket=lab.bucket)
        return lab

    @cached_property
    def rekognition(self) -> RekognitionClient:
        return self.server.rekognition()

    @cached_property
    def s3(self) -> S3Client:
        return self.server.s3()

    def upload(self, folder: str, pictures: Sequence[DrawnImage]) -> S3ObjectTypeDef:
        """Store pictures under `<folder>/` and their manifest beside it; where that is."""
        for picture in pictures:
            self.s3.put_object(
                Bucket=self.bucket, Key=f"{folder}/{picture.name}", Body=picture.jpeg()
            )
        lines = [picture.manifest_line(f"s3://{self.bucket}/{folder}") for picture in pictures]
        return self.upload_manifest(f"{folder}.manifest", lines)

    def upload_manifest(self, key: str, lines: Sequence[str]) -> S3ObjectTypeDef:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body="\n".join(lines).encode())
        return {"Bucket": self.bucket, "Name": key}

    def create_project(self, **more: Any) -> str:
        answer = self.rekognition.create_project(ProjectName=unused_name("flora"), **more)
        return answer["ProjectArn"]

    def import_manifest(
        self, project_arn: str, dataset_type: DatasetTypeType, manifest: S3ObjectTypeDef
    ) -> str:
        """The ARN of a dataset that is complete."""
        arn = self.rekognition.create_dataset(
            ProjectArn=project_arn,
            DatasetType=dataset_type,
            DatasetSource={"GroundTruthManifest": {"S3Object": manifest}},
        )["DatasetArn"]
        self.await_dataset(arn)
        return arn

    def await_dataset(self, arn: str) -> None:
        settled = until(
            lambda: self.rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"],
            lambda dataset: not dataset["Status"].endswith("_IN_PROGRESS"),
        )
        assert settled["Status"] == "CREATE_COMPLETE", settled

    def entries(self, dataset_arn: str) -> list[str]:
        pages = self.rekognition.get_paginator("list_dataset_entries").paginate(
            DatasetArn=dataset_arn
        )
        return [entry for page in pages for entry in page["DatasetEntries"]]

    def train(self, project_arn: str, name: str = "v1", **more: Any) -> str:
        """Begin; the ARN of the version."""
        return self.rekognition.create_project_version(
            ProjectArn=project_arn,
            VersionName=name,
            OutputConfig={"S3Bucket": self.bucket, "S3KeyPrefix": f"results/{name}"},
            **more,
        )["ProjectVersionArn"]

    def await_version(
        self, project_arn: str, waiter: Any, name: str = "v1"
    ) -> ProjectVersionDescriptionTypeDef:
        """What the version says of itself after boto3's waiter has seen it succeed."""
        self.rekognition.get_waiter(waiter).wait(
            ProjectArn=project_arn,
            VersionNames=[name],
            WaiterConfig={"Delay": 0.5, "MaxAttempts": 2 * TIMEOUT_SECONDS},
        )
        return self.describe(project_arn, name)

    def describe(self, project_arn: str, name: str = "v1") -> ProjectVersionDescriptionTypeDef:
        (described,) = self.versions(project_arn, name)
        return described

    def versions(
        self, project_arn: str, name: str = "v1"
    ) -> list[ProjectVersionDescriptionTypeDef]:
        return self.rekognition.describe_project_versions(
            ProjectArn=project_arn, VersionNames=[name]
        )["ProjectVersionDescriptions"]

    def summary(self, description: ProjectVersionDescriptionTypeDef) -> dict[str, Any]:
        """The evaluation summary that a description points to."""
        place = description["EvaluationResult"]["Summary"]["S3Object"]
        body = self.s3.get_object(Bucket=place["Bucket"], Key=place["Name"])["Body"].read()
        summary: dict[str, Any] = json.loads(body)
        return summary

    def start(self, project_arn: str, version_arn: str) -> None:
        self.rekognition.start_project_version(ProjectVersionArn=version_arn, MinInferenceUnits=1)
        self.await_version(project_arn, RUNNING, version_arn.split("/")[3])

    def stop(self, project_arn: str, version_arn: str) -> None:
        answer = self.rekognition.stop_project_version(ProjectVersionArn=version_arn)
        assert answer["Status"] == "STOPPING"
        name = version_arn.split("/")[3]
        until(
            lambda: self.describe(project_arn, name)["Status"], lambda status: status == "STOPPED"
        )

    def detect(
        self, version_arn: str, image: bytes | S3ObjectTypeDef, **more: Any
    ) -> list[CustomLabelTypeDef]:
        given: Any = {"Bytes": image} if isinstance(image, bytes) else {"S3Object": image}
        return self.rekognition.detect_custom_labels(
            ProjectVersionArn=version_arn, Image=given, **more
        )["CustomLabels"]

    def job(self, resource_arn: str) -> Job:
        """How far the server is, from its records: the wire does not tell."""
        records = Records.of(self.server.settings)
        try:
            with records.read() as connection:
                job = jobs.of_resource(connection, resource_arn)
        finally:
            records.close()
        assert job is not None
        return job
