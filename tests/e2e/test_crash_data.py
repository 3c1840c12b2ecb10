"""kill -9 of the server while data is written: all that it acknowledged is there afterwards."""

from __future__ import annotations

import json
import threading
from contextlib import suppress

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from sqlalchemy import text
from tests.e2e.drawn import KINDS
from tests.e2e.lab import Lab, kill, unused_name
from tests.support.eventually import until

from lensmith.domain.job import JobStatus
from lensmith.store.records import jobs
from lensmith.store.records.engine import Records

pytestmark = pytest.mark.parametrize(
    "killed_lab", ["sqlite", "postgresql"], indirect=True, scope="module"
)
LINES = 15_000
WRITERS = 4


@pytest.fixture(scope="module")
def lab(killed_lab: Lab) -> Lab:
    return killed_lab


@pytest.fixture(scope="module")
def dataset_arn(lab: Lab) -> str:
    """A dataset whose import the death of the server interrupted."""
    manifest = lab.upload_manifest("large.manifest", [line(lab, n) for n in range(LINES)])
    arn = lab.rekognition.create_dataset(
        ProjectArn=lab.create_project(),
        DatasetType="TRAIN",
        DatasetSource={"GroundTruthManifest": {"S3Object": manifest}},
    )["DatasetArn"]
    until(lambda: is_killed_amid(lab, arn), pause=0.02)
    interrupted = lab.job(arn)
    assert (interrupted.status, interrupted.attempts) == (JobStatus.RUNNING, 1)
    lab.server.start()
    lab.await_dataset(arn)
    assert lab.job(arn).attempts == 1  # a server that dies is not the job's fault
    return arn


def is_killed_amid(lab: Lab, arn: str) -> bool:
    """Kill the server if its import has shown progress, which it cannot show or end meanwhile."""
    records = Records.of(lab.server.settings)
    try:
        with records.write() as connection:  # nobody else writes in SQLite
            if records.is_shared:
                connection.execute(text("LOCK TABLE jobs IN EXCLUSIVE MODE"))
            job = jobs.of_resource(connection, arn)
            if job is None or job.progress is None:
                return False
            kill(lab.server)
            return True
    finally:
        records.close()


def test_an_import_survives_its_server(lab: Lab, dataset_arn: str) -> None:
    description = lab.rekognition.describe_dataset(DatasetArn=dataset_arn)["DatasetDescription"]
    assert description["DatasetStats"]["TotalEntries"] == LINES
    labels = lab.rekognition.list_dataset_labels(DatasetArn=dataset_arn)
    assert labels["DatasetLabelDescriptions"] == [
        {"LabelName": name, "LabelStats": {"EntryCount": LINES // len(KINDS)}} for name in KINDS
    ]
    (first, *_) = lab.rekognition.list_dataset_entries(DatasetArn=dataset_arn)["DatasetEntries"]
    assert json.loads(first)["source-ref"].endswith("/0.jpg")
    assert entries_of(lab, dataset_arn, f"/{LINES - 1}.jpg") == 1


class Writer(threading.Thread):
    """A client that writes without pause and remembers what was acknowledged."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self.projects: dict[str, dict[str, str]] = {}  # ARN -> tags
        self.objects: dict[str, bytes] = {}

    def run(self) -> None:
        with suppress(BotoCoreError, ClientError):  # until nobody answers
            while True:
                self._write(unused_name("written"))

    def _write(self, name: str) -> None:
        self._lab.s3.put_object(Bucket=self._lab.bucket, Key=name, Body=name.encode() * 1000)
        self.objects[name] = name.encode() * 1000
        arn = self._lab.create_project(Tags={"made": name})
        self.projects[arn] = {"made": name}
        self._lab.rekognition.tag_resource(ResourceArn=arn, Tags={"kept": "yes"})
        self.projects[arn] = {"made": name, "kept": "yes"}


def test_acknowledged_writes_survive_the_server(lab: Lab, dataset_arn: str) -> None:
    new = "\n".join(line(lab, n) for n in range(LINES, LINES + 300))
    writers = [Writer(lab) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    until(lambda: min(len(writer.projects) for writer in writers), lambda fewest: fewest >= 5)
    lab.rekognition.update_dataset_entries(
        DatasetArn=dataset_arn, Changes={"GroundTruth": new.encode()}
    )
    kill(lab.server)
    for writer in writers:
        writer.join()
    lab.server.start()
    check_written(lab, writers)
    settled = until(
        lambda: lab.rekognition.describe_dataset(DatasetArn=dataset_arn)["DatasetDescription"],
        lambda dataset: dataset["Status"] != "UPDATE_IN_PROGRESS",
    )
    assert settled["Status"] == "UPDATE_COMPLETE"
    assert settled["DatasetStats"]["TotalEntries"] == LINES + 300
    assert entries_of(lab, dataset_arn, f"/{LINES + 299}.jpg") == 1


def check_written(lab: Lab, writers: list[Writer]) -> None:
    """All that the server acknowledged is there."""
    pages = lab.rekognition.get_paginator("describe_projects").paginate()
    found = {one["ProjectArn"] for page in pages for one in page["ProjectDescriptions"]}
    for writer in writers:
        assert set(writer.projects) <= found
        for arn, tags in writer.projects.items():
            assert (
                tags.items()
                <= lab.rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"].items()
            )
        for key, body in writer.objects.items():
            assert lab.s3.get_object(Bucket=lab.bucket, Key=key)["Body"].read() == body


def entries_of(lab: Lab, dataset_arn: str, source: str) -> int:
    """How many entries name that source, and that their line is whole."""
    pages = lab.rekognition.get_paginator("list_dataset_entries").paginate(
        DatasetArn=dataset_arn, SourceRefContains=source
    )
    return len([json.loads(entry) for page in pages for entry in page["DatasetEntries"]])


def line(lab: Lab, number: int) -> str:
    label = KINDS[number % len(KINDS)]
    metadata = {
        "type": "groundtruth/image-classification",
        "class-name": label,
        "confidence": 1,
        "human-annotated": "yes",
        "creation-date": "2026-01-01T00:00:00",
        "job-name": "labeling-job/large",
    }
    source = f"s3://{lab.bucket}/large/{number}.jpg"
    return json.dumps({"source-ref": source, "kind": 1, "kind-metadata": metadata})
