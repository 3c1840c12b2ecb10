"""The precisions of a model on a live server: listed, served by the rule, shown by the CLI."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from tests.boto3.recorded import record_version
from tests.e2e.lab import Lab
from tests.support.artefacts import convolved_colour, with_int8, with_refused_int8
from tests.support.command import lensmith
from tests.support.live_server import LiveServer, running_server
from tests.support.signed_caller import SignedCaller

from lensmith.config import Settings
from lensmith.domain.project_version import VersionStatus
from lensmith.store.records.engine import Records

THRESHOLDS = (0.45, 0.55, 0.39)  # of INT8
FLOAT32_THRESHOLDS = (0.5, 0.6, 0.7)


@pytest.fixture(name="server", scope="module")
def server_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """It chooses the precision by the rule."""
    with running_server(tmp_path_factory.mktemp("variants")) as live:
        yield live


def trained(lab: Lab, project_arn: str) -> tuple[str, Path]:
    """ARN and model of a version that has both precisions."""
    settings = Settings(lab.server.home / "data")
    records = Records.of(settings)
    version = record_version(records, project_arn, VersionStatus.TRAINING_COMPLETED)
    records.close()
    directory = settings.models_directory / str(version.id)
    convolved_colour(directory)
    with_int8(directory, THRESHOLDS, loss=0.004)
    return version.arn, directory


@pytest.fixture(scope="module")
def running(server: LiveServer) -> Iterator[tuple[Lab, str]]:
    """A running version that has both precisions."""
    lab = Lab.open(server)
    project_arn = lab.create_project()
    arn, _ = trained(lab, project_arn)
    lab.start(project_arn, arn)
    yield lab, arn
    lab.stop(project_arn, arn)


def picture() -> bytes:
    """80 % red, 55 % green and 40 % blue."""
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (204, 142, 102)).save(file, "PNG")
    return file.getvalue()


def test_variants_are_listed_and_the_fastest_answers_by_its_thresholds(
    server: LiveServer, running: tuple[Lab, str]
) -> None:
    _, arn = running
    path = f"/_lensmith/projects/{arn.split('/')[1]}/versions/v1"
    answered = SignedCaller(server).call("GET", f"{path}/variants")
    assert answered["wanted"] is None
    assert answered["served"]["precision"] == "int8"
    assert answered["served"]["seconds"] > 0
    float32, int8 = answered["variants"]
    assert (float32["is_served"], int8["is_served"]) == (False, True)
    assert int8["cost"] == pytest.approx({"f1_score": 0.004, "average_precision": 0.0})
    thresholds = SignedCaller(server).call("GET", f"{path}/thresholds")
    assert [each["assumed"] for each in thresholds["labels"]] == list(THRESHOLDS)
    found = server.rekognition().detect_custom_labels(
        ProjectVersionArn=arn, Image={"Bytes": picture()}
    )
    assert [each["Name"] for each in found["CustomLabels"]] == ["red", "green", "blue"]


def test_status_names_the_precision(server: LiveServer, running: tuple[Lab, str]) -> None:
    _, arn = running
    done = lensmith({**server.environment(), "COLUMNS": "140"}, "status")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    row = next(line for line in lines if arn.split("/")[1] in line and "RUNNING" in line)
    assert "int8" in row
    assert row.split()[-2:] == ["0.4", "0.0"]


def test_an_int8_file_that_the_runtime_refuses_is_dropped_and_float32_serves(
    server: LiveServer,
) -> None:
    lab = Lab.open(server)
    project_arn = lab.create_project()
    arn, directory = trained(lab, project_arn)
    with_refused_int8(directory)
    lab.start(project_arn, arn)
    path = f"/_lensmith/projects/{arn.split('/')[1]}/versions/v1"
    answered = SignedCaller(server).call("GET", f"{path}/variants")
    assert answered["served"]["precision"] == "float32"
    [dropped] = answered["served"]["dropped"]
    assert dropped["precision"] == "int8"
    assert "cannot be loaded" in dropped["reason"]
    assert [each["is_served"] for each in answered["variants"]] == [True, False]
    thresholds = SignedCaller(server).call("GET", f"{path}/thresholds")
    assert [each["assumed"] for each in thresholds["labels"]] == list(FLOAT32_THRESHOLDS)
    found = server.rekognition().detect_custom_labels(
        ProjectVersionArn=arn, Image={"Bytes": picture()}
    )
    assert [each["Name"] for each in found["CustomLabels"]] == ["red"]
    shown = lensmith({**server.environment(), "COLUMNS": "200"}, "status").stdout
    said = "int8 was dropped when the unit started. The model cannot be loaded"
    assert f"{arn.split('/')[1]}/v1: {said}" in shown
    assert "serves float32: int8 in onnxruntime was dropped." in server.log.read_text()
    lab.stop(project_arn, arn)


def test_a_version_without_a_model_has_no_variants(server: LiveServer) -> None:
    lab = Lab.open(server)
    project_arn = lab.create_project()
    records = Records.of(Settings(server.home / "data"))
    record_version(records, project_arn, VersionStatus.TRAINING_FAILED)
    records.close()
    caller = SignedCaller(server)
    path = f"/_lensmith/projects/{project_arn.split('/')[1]}/versions/v1/variants"
    refused = json.dumps(caller.call("GET", path))
    assert "TRAINING_FAILED" in refused
