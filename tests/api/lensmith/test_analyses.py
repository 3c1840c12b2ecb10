"""Folders of the store that a model analyses, on live servers with a model that knows colours."""

from __future__ import annotations

import io
import json
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from tests.boto3.recorded import record_version
from tests.support.artefacts import average_colour
from tests.support.browser_session import Answer, BrowserSession
from tests.support.eventually import until
from tests.support.labelled_dataset import finished
from tests.support.live_server import LiveServer

from lensmith.config import Settings
from lensmith.domain.project_version import VersionStatus
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def picture(colour: tuple[int, int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (96, 64), colour).save(file, "PNG")
    return file.getvalue()


RED = picture((250, 10, 10))


@dataclass
class Model:
    """A version that is trained and does not run."""

    server: LiveServer
    project: str
    project_arn: str
    burden: int = 0

    @classmethod
    def create(cls, server: LiveServer, project: str, burden: int = 0) -> Model:
        client = server.rekognition()
        arn = client.create_project(ProjectName=project)["ProjectArn"]
        settings = Settings(server.home / "data")
        records = Records.of(settings)
        version = record_version(records, arn, VersionStatus.TRAINING_COMPLETED)
        records.close()
        average_colour(settings.models_directory / str(version.id), burden=burden)
        return cls(server, project, arn, burden)

    @property
    def path(self) -> str:
        return f"/_lensmith/projects/{self.project}/versions/v1/analyses"

    @property
    def status(self) -> str:
        (version,) = self.server.rekognition().describe_project_versions(
            ProjectArn=self.project_arn
        )["ProjectVersionDescriptions"]
        return version["Status"]


@pytest.fixture
def model(server: LiveServer, project_name: str) -> Model:
    return Model.create(server, project_name)


@pytest.fixture
def project_name(bucket: str) -> str:
    return f"p-{bucket}"


def start(browser: BrowserSession, model: Model, source: str, **order: Any) -> Answer:
    return browser.post(model.path, {"source": source, **order})


def test_a_folder_becomes_json_lines_csv_and_a_manifest(
    browser: BrowserSession, model: Model, s3: S3Client, bucket: str
) -> None:
    for name, data in (
        ("in/red.png", RED),
        ("in/deep/dim.PNG", picture((128, 10, 10))),
        ("in/text.png", b"no picture"),
        ("in/notes.txt", b"no picture either"),
        ("other/red.png", RED),
    ):
        s3.put_object(Bucket=bucket, Key=name, Body=data)
    output = f"s3://{bucket}/out/"
    started = start(browser, model, f"s3://{bucket}/in/", output=output, min_confidence=60)
    assert started.status == 202, started.body
    task = finished(browser, started.json["task"])
    assert (task["kind"], task["state"], task["error"]) == ("analyze-folder", "completed", None)
    assert (task["done"], task["total"]) == (3, 3)
    result = task["result"]
    assert result["labels"] == [{"name": "red", "images": 1, "detections": 1}]
    assert result["failed"] == [
        {"source_ref": f"s3://{bucket}/in/text.png", "code": "InvalidImageFormatException"}
    ]
    assert result["outputs"] == {
        "jsonl": output + "results.jsonl",
        "csv": output + "results.csv",
        "manifest": output + "results.manifest",
    }

    def read(name: str) -> list[str]:
        body = s3.get_object(Bucket=bucket, Key=f"out/{name}")["Body"].read()
        return body.decode().splitlines()

    lines = [json.loads(line) for line in read("results.jsonl")]
    assert [line["source"].rpartition("/")[2] for line in lines] == [
        "dim.PNG",
        "red.png",
        "text.png",
    ]
    assert (lines[1]["width"], lines[1]["detections"][0]["name"]) == (96, "red")
    assert len(read("results.csv")) == 4
    assert len(read("results.manifest")) == 2
    until(lambda: model.status == "STOPPED", message="not stopped afterwards")
    (listed,) = browser.get(model.path).json["analyses"]
    assert (listed["source"], listed["task"]["id"]) == (f"s3://{bucket}/in/", task["id"])


def test_mistakes_are_named_at_once_or_by_the_task(
    browser: BrowserSession, model: Model, bucket: str
) -> None:
    output = f"s3://{bucket}/out/"
    for source in ("in/", "s3://no-such-bucket-at-all/"):
        assert start(browser, model, source, output=output).code == "InvalidS3ObjectException"
    assert start(browser, model, f"s3://{bucket}/", min_confidence=101).status == 400
    empty = start(browser, model, f"s3://{bucket}/empty/", output=output)
    task = finished(browser, empty.json["task"])
    assert (task["state"], task["error"]["code"]) == ("failed", "NO_IMAGES")
    assert model.status == "TRAINING_COMPLETED"  # never started


def test_every_right_is_needed(
    browser_of: Callable[..., BrowserSession], model: Model, bucket: str
) -> None:
    rights = ["DescribeProjectVersions", "DetectCustomLabels", "StartProjectVersion"]
    actions = [f"rekognition:{right}" for right in [*rights, "StopProjectVersion"]]
    actions += ["s3:ListBucket", "s3:GetObject"]
    user = browser_of(*actions)
    refused = start(user, model, f"s3://{bucket}/in/", output=f"s3://{bucket}/out/")
    assert refused.code == "AccessDeniedException"
    assert b"s3:PutObject" in refused.body
    assert browser_of("s3:*").get(model.path).code == "AccessDeniedException"


def test_cancelling_stops_the_model(
    browser: BrowserSession, server: LiveServer, project_name: str, s3: S3Client, bucket: str
) -> None:
    model = Model.create(server, project_name, burden=1200)
    for number in range(60):
        s3.put_object(Bucket=bucket, Key=f"in/{number:03}.png", Body=RED)
    started = start(browser, model, f"s3://{bucket}/in/", output=f"s3://{bucket}/out/")
    path = f"/_lensmith/tasks/{started.json['task']}"
    until(lambda: browser.get(path).json["phase"] == "detecting", message="not detecting")
    assert browser.delete(path).json["state"] == "cancelled"
    until(lambda: model.status == "STOPPED", message="not stopped")
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="out/")


def test_a_killed_server_goes_on_after_the_last_image(
    browser: BrowserSession, server: LiveServer, project_name: str, s3: S3Client, bucket: str
) -> None:
    model = Model.create(server, project_name, burden=1200)
    for number in range(60):
        s3.put_object(Bucket=bucket, Key=f"in/{number:03}.png", Body=RED)
    started = start(browser, model, f"s3://{bucket}/in/", output=f"s3://{bucket}/out/")
    path = f"/_lensmith/tasks/{started.json['task']}"

    def shown() -> int:
        task = browser.get(path).json
        return int((task["result"] or {}).get("images", 0)) if task["state"] == "running" else 60

    acknowledged = until(shown, message="no image yet")
    server.stop(signal.SIGKILL)
    log = server.home / "data" / "analyses" / started.json["task"] / "results.jsonl"
    kept = log.read_text().splitlines()[:acknowledged]
    assert acknowledged < 60  # it was killed on the way
    server.start()
    task = finished(browser, started.json["task"])
    assert (task["state"], task["result"]["images"]) == ("completed", 60)
    body = s3.get_object(Bucket=bucket, Key="out/results.jsonl")["Body"].read().decode()
    lines = body.splitlines()
    assert lines[:acknowledged] == kept
    assert len({json.loads(line)["source"] for line in lines}) == len(lines) == 60
    until(lambda: model.status == "STOPPED", message="not stopped afterwards")
