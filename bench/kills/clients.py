"""Clients that call over and over until it is enough: datasets, and trainings with copies."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from tests.e2e.drawn import flowers

from bench.kills.caller import Caller
from bench.kills.ledger import Ledger, Project, Version

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LABELS = ("pear", "fig", "plum")
_IN_PROGRESS = "_IN_PROGRESS"
_TAKEN = "ResourceInUseException"
_OPEN = (_TAKEN, "ResourceNotReadyException")
_GONE = "ResourceNotFoundException"


@dataclass(frozen=True)
class Bucket:
    """Where the manifests and pictures are: never killed."""

    s3: S3Client
    name: str

    def put(self, key: str, body: bytes) -> dict[str, Any]:
        self.s3.put_object(Bucket=self.name, Key=key, Body=body)
        return {"GroundTruthManifest": {"S3Object": {"Bucket": self.name, "Name": key}}}


@dataclass
class Client:
    """One caller with a ledger of its own."""

    name: str
    caller: Caller
    bucket: Bucket
    rng: Random
    over: threading.Event
    ledger: Ledger = field(default_factory=Ledger)

    def begin_project(self, name: str) -> Project:
        self.caller.write("create_project", ProjectName=name, done=[_TAKEN])
        (found,) = self._described(name)
        project = Project(name, found["ProjectArn"])
        self.ledger.projects.append(project)
        return project

    def end_project(self, project: Project) -> None:
        """Delete the datasets and the project."""
        for arn in project.datasets:
            self.caller.write("delete_dataset", DatasetArn=arn, done=[_GONE], wait=_OPEN)
        self.ledger.projects.remove(project)
        self.caller.write("delete_project", ProjectArn=project.arn, done=[_GONE], wait=_OPEN)
        self.ledger.deleted.append(project.name)

    def create_dataset(self, project: Project, kind: str, source: dict[str, Any]) -> str:
        self.caller.write(
            "create_dataset",
            ProjectArn=project.arn,
            DatasetType=kind,
            DatasetSource=source,
            done=["ResourceAlreadyExistsException"],
        )
        (found,) = self._described(project.name)
        (arn,) = (str(one["DatasetArn"]) for one in found["Datasets"] if one["DatasetType"] == kind)
        project.datasets.append(arn)
        self.settle(arn, "CREATE_COMPLETE")
        return arn

    def settle(self, dataset: str, wanted: str) -> None:
        """Wait until no job changes a dataset."""

        def status() -> str:
            answer = self.caller.ask("describe_dataset", DatasetArn=dataset)
            return str(answer["DatasetDescription"]["Status"])

        ended = self.caller.until(status, _IN_PROGRESS)
        if ended != wanted:
            self.ledger.faults.append(f"{dataset} ended {ended}, not {wanted}")

    def _described(self, name: str) -> list[dict[str, Any]]:
        answer = self.caller.ask("describe_projects", ProjectNames=[name])
        found: list[dict[str, Any]] = answer["ProjectDescriptions"]
        return found


def write_datasets(client: Client, most_lines: int) -> None:
    """Fill projects with datasets, change and distribute them, delete some, until it is over."""
    number = 0
    while not client.over.is_set():
        number += 1
        project = client.begin_project(f"{client.name}-{number}")
        _fill(client, project, most_lines)
        for _ in range(client.rng.randrange(3)):
            _change(client, project)
        if client.rng.random() < 0.5:
            _distribute(client, project)
        if client.rng.random() < 0.25:
            client.end_project(project)


def _fill(client: Client, project: Project, most_lines: int) -> None:
    count = client.rng.randint(most_lines // 10, most_lines)
    refs = [f"s3://{client.bucket.name}/{project.name}/{number:06}.png" for number in range(count)]
    project.lines = {ref: _line(ref, client.rng) for ref in refs}
    body = "\n".join(project.lines.values()).encode()
    source = client.bucket.put(f"{project.name}.manifest", body)
    client.create_dataset(project, "TRAIN", source)


def _change(client: Client, project: Project) -> None:
    """Change some lines and add some."""
    rng, known = client.rng, list(project.lines)
    refs = rng.sample(known, len(known) // 10)
    refs += [f"{known[0]}.{len(known) + number}.png" for number in range(rng.randint(1, 200))]
    changed = {ref: _line(ref, rng) for ref in refs}
    body = "\n".join(changed.values()).encode()
    (train,) = project.datasets
    # Asked again after no answer, it changes nothing that it has not changed already.
    client.caller.write(
        "update_dataset_entries", DatasetArn=train, Changes={"GroundTruth": body}, wait=_OPEN
    )
    client.settle(train, "UPDATE_COMPLETE")
    project.lines |= changed


def _distribute(client: Client, project: Project) -> None:
    test = client.create_dataset(project, "TEST", {})
    arns = [{"Arn": arn} for arn in project.datasets]
    is_distributed = ["InvalidParameterException"]  # the test dataset is not empty any more
    client.caller.write(
        "distribute_dataset_entries", Datasets=arns, done=is_distributed, wait=_OPEN
    )
    for arn in (*project.datasets, test):
        client.settle(arn, "UPDATE_COMPLETE")


def train_and_copy(client: Client) -> None:
    """Train small models and copy each, until it is over."""
    data = {part: _pictures(client.bucket, part, each) for part, each in _SETS.items()}
    number = 0
    while not client.over.is_set():
        number += 1
        project = client.begin_project(f"{client.name}-{number}")
        client.caller.write(
            "create_project_version",
            ProjectArn=project.arn,
            VersionName="v1",
            OutputConfig={"S3Bucket": client.bucket.name, "S3KeyPrefix": project.name},
            TrainingData={"Assets": [data["train"]]},
            TestingData={"Assets": [data["test"]]},
            done=[_TAKEN],
        )
        trained = _settled_version(client, project, "v1", "TRAINING_COMPLETED")
        _copy(client, project, trained)


_SETS = {"train": 6, "test": 3}  # pictures of each kind


def _copy(client: Client, source: Project, version: Version) -> None:
    copies = client.begin_project(f"{source.name}-copies")
    for name in ("c1", "c2"):
        client.caller.write(
            "copy_project_version",
            SourceProjectArn=source.arn,
            SourceProjectVersionArn=version.arn,
            DestinationProjectArn=copies.arn,
            VersionName=name,
            OutputConfig={"S3Bucket": client.bucket.name, "S3KeyPrefix": copies.name},
            done=[_TAKEN],
        )
    for name in ("c1", "c2"):
        _settled_version(client, copies, name, "COPYING_COMPLETED")


def _settled_version(client: Client, project: Project, name: str, wanted: str) -> Version:
    def described() -> dict[str, Any]:
        answer = client.caller.ask(
            "describe_project_versions", ProjectArn=project.arn, VersionNames=[name]
        )
        found: dict[str, Any] = answer["ProjectVersionDescriptions"][0]
        return found

    version = Version(described()["ProjectVersionArn"], name, wanted)
    project.versions.append(version)
    client.caller.until(lambda: str(described()["Status"]), _IN_PROGRESS)
    return version


def _pictures(bucket: Bucket, part: str, of_each_kind: int) -> dict[str, Any]:
    drawn = flowers(part, of_each_kind)
    for picture in drawn:
        bucket.put(f"{part}/{picture.name}", picture.jpeg())
    lines = [picture.manifest_line(f"s3://{bucket.name}/{part}") for picture in drawn]
    return bucket.put(f"{part}.manifest", "\n".join(lines).encode())


def _line(ref: str, rng: Random) -> str:
    label = rng.choice(LABELS)
    metadata = {
        "class-name": label,
        "confidence": 1,
        "type": "groundtruth/image-classification",
        "human-annotated": "yes",
        "creation-date": "2026-01-02T03:04:05",
        "job-name": "labeling-job/orchard",
    }
    return json.dumps({"source-ref": ref, label: 1, f"{label}-metadata": metadata})
