"""A version under a key of KMS: no plaintext of it on the disk, also after kill -9."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from bench.drawn.drawn_image import DrawnImage
from tests.e2e.drawn import flowers
from tests.e2e.lab import TRAINED, Lab, kill
from tests.support.eventually import until
from tests.support.live_server import TRAINING_BUDGET, LiveServer
from tests.support.living_folder import contents_below

from lensmith.domain.arn import ProjectVersionArn
from lensmith.domain.training_phase import TrainingPhase
from lensmith.store.published.model import local_folder
from lensmith.store.records import project_versions
from lensmith.store.records.engine import Records

PICTURE, LINE, LABEL = "canary-of-a-picture", "canary-of-a-line", "canary-of-a-label"
ALIAS = "alias/models"
BEFORE = {TrainingPhase.MANIFESTS, TrainingPhase.IMAGES}  # a model is fitted


class KeyedLab(Lab):
    """A user whose objects, and whose model, are encrypted under a key."""

    @property
    def kms(self) -> Any:
        given = self.server.environment()
        return boto3.client(
            "kms",
            endpoint_url=given["AWS_ENDPOINT_URL"],
            region_name=given["AWS_REGION"],
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
        )

    def put(self, key: str, body: bytes) -> None:
        self.s3.put_object(
            Bucket=self.bucket,
            Key=key,
            Body=body,
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=ALIAS,
        )

    def manifest(self, folder: str, pictures: list[DrawnImage]) -> Any:
        for picture in pictures:
            self.put(f"{folder}/{picture.name}", with_comment(picture.jpeg()))
        lines = [picture.manifest_line(f"s3://{self.bucket}/{folder}") for picture in pictures]
        self.put(f"{folder}.manifest", "\n".join(map(planted, lines)).encode())
        place = {"S3Object": {"Bucket": self.bucket, "Name": f"{folder}.manifest"}}
        return {"Assets": [{"GroundTruthManifest": place}]}

    def found(self) -> dict[str, list[str]]:
        """The files of the server, of its temporary folder too, that hold a canary."""
        canaries = {name: name.encode() for name in (PICTURE, LINE, LABEL)}
        hits: dict[str, list[str]] = {}
        for path, content in contents_below(self.server.home):
            for name, canary in canaries.items():
                if canary in content:
                    hits.setdefault(name, []).append(str(path.relative_to(self.server.home)))
        return hits

    def model(self, version_arn: str) -> Path:
        records = Records.of(self.server.settings)
        try:
            with records.read() as connection:
                version = project_versions.find(connection, version_arn)
        finally:
            records.close()
        assert version is not None
        return local_folder(self.server.settings, version)

    def data_key(self, version_arn: str) -> bytes:
        return (self.model(version_arn) / "data-key.json").read_bytes()


def with_comment(jpeg: bytes) -> bytes:
    comment = PICTURE.encode()
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + jpeg[2:]


def planted(line: str) -> str:
    """The line with a canary in its label's name, and one beside it."""
    entry = json.loads(line)
    (metadata,) = (name for name in entry if name.endswith("-metadata"))
    entry[metadata]["class-name"] = f"{LABEL}-{entry[metadata]['class-name']}"
    entry["note"] = LINE
    return json.dumps(entry)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeyedLab]:
    home = tmp_path_factory.mktemp("keyed")
    (home / "tmp").mkdir()
    given = {
        "TMPDIR": str(home / "tmp"),
        "LENSMITH_TRAINING_BUDGET": TRAINING_BUDGET,
        "LENSMITH_TRAINING_THREADS": "1",
    }
    server = LiveServer(home, given=given)
    server.start()
    made = KeyedLab(server, "custom-labels-keyed")
    made.s3.create_bucket(Bucket=made.bucket)
    key = made.kms.create_key()["KeyMetadata"]["KeyId"]
    made.kms.create_alias(AliasName=ALIAS, TargetKeyId=key)
    yield made
    assert server.stop() == 0, server.log.read_text()


def test_no_plaintext_of_a_keyed_version_reaches_the_disk(lab: KeyedLab) -> None:
    project = lab.create_project()
    arn = lab.train(
        project,
        KmsKeyId=ALIAS,
        TrainingData=lab.manifest("train", flowers("train", 5)),
        TestingData=lab.manifest("test", flowers("test", 2)),
    )
    until(
        lambda: lab.job(arn).progress,
        lambda progress: progress is not None and progress.phase not in BEFORE,
    )
    kill(lab.server)
    assert lab.found() == {}
    lab.server.start()
    described = lab.await_version(project, TRAINED)
    assert described["KmsKeyId"] == ALIAS
    assert lab.found() == {}

    place = described["ManifestSummary"]["S3Object"]
    result = lab.s3.get_object(Bucket=place["Bucket"], Key=place["Name"])
    assert result["ServerSideEncryption"] == "aws:kms"
    assert json.loads(result["Body"].read())
    assert (lab.model(arn) / "model.onnx").read_bytes().startswith(b"LSMENC")

    lab.start(project, arn)
    picture = flowers("test", 1)[0].jpeg()
    names = {label["Name"] for label in lab.detect(arn, picture, MinConfidence=0)}
    assert all(name.startswith(LABEL) for name in names)
    assert len(names) == 3
    assert lab.found() == {}
    lab.stop(project, arn)

    before = lab.data_key(arn)
    key = lab.kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"]
    lab.kms.rotate_key_on_demand(KeyId=key)
    until(partial(lab.data_key, arn), lambda now: now != before)
    lab.start(project, arn)
    lab.stop(project, arn)

    lab.kms.disable_key(KeyId=key)
    lab.rekognition.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    failed = until(partial(lab.describe, project), lambda version: version["Status"] == "FAILED")
    assert "KMS key" in failed["StatusMessage"]
    parsed = ProjectVersionArn.parse(arn)
    assert parsed is not None
    assert lab.found() == {}
