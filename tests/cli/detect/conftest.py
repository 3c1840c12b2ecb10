"""Two running models whose answers are known, and films and pictures to show them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests.boto3.recorded import record_version
from tests.support.artefacts import average_colour, fixed_boxes
from tests.support.eventually import until
from tests.support.live_server import LiveServer

from lensmith.config import Settings
from lensmith.domain.project_version import VersionStatus
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

PROJECT = "looked-at"
COLOURS, BOXES, RESTING = "colours", "boxes", "resting"
_RUNNING = (COLOURS, BOXES)


@pytest.fixture(scope="package")
def models(server: LiveServer, rekognition: RekognitionClient) -> Iterator[str]:
    """ARN of a project whose versions `colours` and `boxes` run; `resting` does not.

    `colours` scores mean red, green and blue; `boxes` sees a bolt (90 %) at 0.1, 0.2 to 0.5, 0.6
    and a nut (70 %) at 0.5, 0.5 to 1, 1 in every picture.
    """
    arn = rekognition.create_project(ProjectName=PROJECT)["ProjectArn"]
    records = Records.of(Settings(server.home / "data"))
    made = {
        name: record_version(records, arn, VersionStatus.TRAINING_COMPLETED, name)
        for name in (*_RUNNING, RESTING)
    }
    records.close()
    folders = {name: server.home / "data" / "models" / str(made[name].id) for name in made}
    average_colour(folders[COLOURS])
    average_colour(folders[RESTING])
    places, scores = [[0.1, 0.2, 0.5, 0.6], [0.5, 0.5, 1, 1]], [[0.9, 0], [0, 0.7]]
    fixed_boxes(folders[BOXES], places, scores, ("bolt", "nut"))
    for name in _RUNNING:
        rekognition.start_project_version(ProjectVersionArn=made[name].arn, MinInferenceUnits=1)
    for name in _RUNNING:
        wait_for(rekognition, arn, name, "RUNNING")
    yield arn
    for name in _RUNNING:
        rekognition.stop_project_version(ProjectVersionArn=made[name].arn)
        wait_for(rekognition, arn, name, "STOPPED")


def status(rekognition: RekognitionClient, project_arn: str, version: str) -> str:
    (described,) = rekognition.describe_project_versions(
        ProjectArn=project_arn, VersionNames=[version]
    )["ProjectVersionDescriptions"]
    return described["Status"]


def wait_for(rekognition: RekognitionClient, project_arn: str, version: str, wanted: str) -> None:
    last = until(
        lambda: status(rekognition, project_arn, version), lambda now: now in {wanted, "FAILED"}
    )
    assert last == wanted
