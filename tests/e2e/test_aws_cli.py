"""The main path with nothing but the AWS CLI, on the profile that `lensmith configure` writes."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.drawn import KINDS, flowers
from tests.e2e.lab import unused_name
from tests.support import command
from tests.support.eventually import until
from tests.support.live_server import BIN, LiveServer

PROFILE = "custom-labels-access"


@dataclass
class Shell:
    """A person's terminal: their home directory, no variable of AWS or Lensmith."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "PATH": f"{BIN}{os.pathsep}{os.defpath}",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def run(self, *arguments: str) -> str:
        """What `aws` prints."""
        done = command.aws(self.environment, *arguments, "--profile", PROFILE)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout

    def s3(self, *arguments: str) -> str:
        return self.run("s3", *arguments)

    def ask(self, service: str, operation: str, **members: str) -> Any:
        """The JSON answer, None when the command prints nothing."""
        options = [
            part
            for name, value in members.items()
            for part in (f"--{name.replace('_', '-')}", value)
        ]
        printed = self.run(service, *operation.split(), *options)
        return json.loads(printed) if printed.strip() else None

    def rekognition(self, operation: str, **members: str) -> Any:
        return self.ask("rekognition", operation, **members)


@pytest.fixture
def shell(server: LiveServer, tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    data = str(server.home / "data")
    done = command.lensmith(shell.environment, "configure", "--home", data)
    assert done.returncode == 0, done.stderr
    return shell


@pytest.fixture
def bucket(shell: Shell) -> str:
    """A bucket with pictures in train/, test/ and unseen/ and manifests beside these."""
    name = unused_name("custom-labels-cli")
    files = shell.home / "files"
    for split, count in (("train", 6), ("test", 3), ("unseen", 1)):
        pictures = flowers(f"cli {split}", count)
        folder = files / split
        folder.mkdir(parents=True)
        for picture in pictures:
            (folder / picture.name).write_bytes(picture.jpeg())
        lines = [picture.manifest_line(f"s3://{name}/{split}") for picture in pictures]
        (files / f"{split}.manifest").write_text("\n".join(lines))
    shell.s3("mb", f"s3://{name}")
    shell.s3("cp", "--recursive", str(files), f"s3://{name}/")
    return name


def test_main_path(shell: Shell, bucket: str) -> None:
    owner = shell.ask("s3api", "get-bucket-acl", bucket=bucket)["Owner"]["ID"]
    assert owner
    name = unused_name("cli")
    project_arn = shell.rekognition("create-project", project_name=name, tags="garden=north")[
        "ProjectArn"
    ]
    datasets = [import_manifest(shell, bucket, project_arn, split) for split in ("train", "test")]
    arn = train(shell, bucket, project_arn)
    download_results(shell, bucket)
    start(shell, project_arn, arn)
    detect(shell, bucket, arn)
    assert shell.rekognition("list-tags-for-resource", resource_arn=arn) == {
        "Tags": {"season": "spring"}
    }
    assert shell.rekognition("stop-project-version", project_version_arn=arn) == {
        "Status": "STOPPING"
    }
    until(lambda: status(shell, project_arn), lambda now: now == "STOPPED", pause=0.5)
    shell.rekognition("delete-project-version", project_version_arn=arn)
    until(lambda: describe(shell, project_arn), lambda versions: versions == [], pause=0.5)
    for dataset_arn in datasets:
        assert shell.rekognition("delete-dataset", dataset_arn=dataset_arn) in (None, {})
    until(lambda: project(shell, name)[0]["Datasets"], lambda left: left == [], pause=0.5)
    assert shell.rekognition("delete-project", project_arn=project_arn) == {"Status": "DELETING"}
    until(lambda: project(shell, name), lambda projects: projects == [], pause=0.5)


def import_manifest(shell: Shell, bucket: str, project_arn: str, split: str) -> str:
    place = {"Bucket": bucket, "Name": f"{split}.manifest"}
    arn: str = shell.rekognition(
        "create-dataset",
        project_arn=project_arn,
        dataset_type=split.upper(),
        dataset_source=json.dumps({"GroundTruthManifest": {"S3Object": place}}),
    )["DatasetArn"]
    dataset = until(
        lambda: shell.rekognition("describe-dataset", dataset_arn=arn)["DatasetDescription"],
        lambda dataset: dataset["Status"] == "CREATE_COMPLETE",
        pause=0.5,
    )
    lines = (shell.home / "files" / f"{split}.manifest").read_text().splitlines()
    assert dataset["DatasetStats"] == {
        "LabeledEntries": len(lines),
        "TotalEntries": len(lines),
        "TotalLabels": len(KINDS),
        "ErrorEntries": 0,
    }
    # The CLI follows the pages itself.
    entries = shell.rekognition("list-dataset-entries", dataset_arn=arn)["DatasetEntries"]
    assert len(entries) == len(lines)
    return arn


def train(shell: Shell, bucket: str, project_arn: str) -> str:
    arn: str = shell.rekognition(
        "create-project-version",
        project_arn=project_arn,
        version_name="v1",
        output_config=json.dumps({"S3Bucket": bucket, "S3KeyPrefix": "results"}),
        tags=json.dumps({"season": "spring"}),
    )["ProjectVersionArn"]
    # `wait` looks at once and then every two minutes.
    until(lambda: status(shell, project_arn), lambda now: now != "TRAINING_IN_PROGRESS", pause=2)
    shell.rekognition(
        "wait project-version-training-completed", project_arn=project_arn, version_names="v1"
    )
    return arn


def download_results(shell: Shell, bucket: str) -> None:
    results = shell.home / "results"
    shell.s3("cp", "--recursive", f"s3://{bucket}/results/", str(results))
    names = sorted(path.name.split("-")[0] for path in results.iterdir())
    assert names == [
        "EvaluationResultSummary",
        "ManifestSummary",
        "TestingGroundTruth",
        "TestingManifestWithValidation",
        "TrainingGroundTruth",
        "TrainingManifestWithValidation",
    ]


def start(shell: Shell, project_arn: str, arn: str) -> None:
    answer = shell.rekognition(
        "start-project-version",
        project_version_arn=arn,
        min_inference_units="1",
        max_inference_units="2",
    )
    assert answer == {"Status": "STARTING"}
    until(lambda: status(shell, project_arn), lambda now: now != "STARTING", pause=0.5)
    shell.rekognition("wait project-version-running", project_arn=project_arn, version_names="v1")


def detect(shell: Shell, bucket: str, arn: str) -> None:
    for path in (shell.home / "files" / "unseen").iterdir():
        stored = {"Bucket": bucket, "Name": f"unseen/{path.name}"}
        in_s3, in_file = (
            shell.rekognition(
                "detect-custom-labels", project_version_arn=arn, min_confidence="0", **image
            )["CustomLabels"]
            for image in (
                {"image": json.dumps({"S3Object": stored})},
                {"image_bytes": f"fileb://{path}"},
            )
        )
        assert in_file == in_s3
        assert in_s3[0]["Name"] == path.name.split("-")[0]
        assert len(in_s3) == len(KINDS)


def status(shell: Shell, project_arn: str) -> str:
    (version,) = describe(shell, project_arn)
    found: str = version["Status"]
    return found


def describe(shell: Shell, project_arn: str) -> list[Any]:
    found: list[Any] = shell.rekognition(
        "describe-project-versions", project_arn=project_arn, version_names="v1"
    )["ProjectVersionDescriptions"]
    return found


def project(shell: Shell, name: str) -> list[Any]:
    found: list[Any] = shell.rekognition("describe-projects", project_names=name)[
        "ProjectDescriptions"
    ]
    return found
