"""The dataset process as the server runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.datasets.orchard import image
from tests.support.eventually import until
from tests.support.live_server import LiveServer

from lensmith.domain.job import Job
from lensmith.store.records import jobs
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

_LINES = 12_000


def _create(server: LiveServer, rekognition: RekognitionClient) -> str:
    """Begin a dataset of many entries; returns its ARN."""
    s3 = server.s3()
    s3.create_bucket(Bucket="orchard")
    body = "\n".join(image(f"{number}.png", "pear") for number in range(_LINES))
    s3.put_object(Bucket="orchard", Key="a.manifest", Body=body.encode())
    project_arn = rekognition.create_project(ProjectName="orchard")["ProjectArn"]
    return rekognition.create_dataset(
        ProjectArn=project_arn,
        DatasetType="TRAIN",
        DatasetSource={
            "GroundTruthManifest": {"S3Object": {"Bucket": "orchard", "Name": "a.manifest"}}
        },
    )["DatasetArn"]


def _await_progress(server: LiveServer, arn: str) -> None:
    records = Records.open(f"sqlite:///{server.home / 'data' / 'records.db'}")

    def job() -> Job | None:
        with records.read() as connection:
            return jobs.of_resource(connection, arn)

    until(job, lambda found: found is not None and found.progress is not None)
    records.close()


@pytest.mark.parametrize("ending", ["the child is killed", "the server is killed"])
def test_an_import_survives_a_killed_process(
    new_server: Callable[..., LiveServer], ending: str
) -> None:
    server = new_server()
    server.start()
    rekognition = server.rekognition()
    arn = _create(server, rekognition)
    _await_progress(server, arn)

    if ending == "the child is killed":
        (child,) = server.children("lensmith.datasets")
        child.kill()
    else:
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        server.start()

    found = until(
        lambda: rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"],
        lambda dataset: dataset["Status"] != "CREATE_IN_PROGRESS",
    )
    assert found["Status"] == "CREATE_COMPLETE"
    assert found["DatasetStats"]["TotalEntries"] == _LINES
    assert found["DatasetStats"]["TotalLabels"] == 1
