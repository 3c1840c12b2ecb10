"""Thresholds of a version's own, on a live server with a model that knows colours."""

from __future__ import annotations

import io
import signal
from collections.abc import Callable
from typing import Any

from PIL import Image
from tests.boto3.recorded import record_version
from tests.support.artefacts import average_colour
from tests.support.browser_session import BrowserSession
from tests.support.eventually import until
from tests.support.live_server import LiveServer

from lensmith.config import Settings
from lensmith.domain.project_version import VersionStatus
from lensmith.store.records.engine import Records


def trained(server: LiveServer, project: str) -> str:
    """A version of a model with thresholds 0.5, 0.6 and 0.7 for red, green and blue; its ARN."""
    arn = server.rekognition().create_project(ProjectName=project)["ProjectArn"]
    settings = Settings(server.home / "data")
    records = Records.of(settings)
    version = record_version(records, arn, VersionStatus.TRAINING_COMPLETED)
    records.close()
    average_colour(settings.models_directory / str(version.id))
    return version.arn


def start(server: LiveServer, arn: str) -> None:
    client = server.rekognition()
    client.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    await_running(server, arn)


def await_running(server: LiveServer, arn: str) -> None:
    until(lambda: found(server, arn) is not None, message="not running")


def found(server: LiveServer, arn: str, **given: Any) -> list[str] | None:
    """Labels of a picture that is 80 % red, 55 % green and 40 % blue; None without a model."""
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (204, 140, 102)).save(file, "PNG")
    client = server.rekognition()
    try:
        answer = client.detect_custom_labels(
            ProjectVersionArn=arn, Image={"Bytes": file.getvalue()}, **given
        )
    except client.exceptions.ResourceNotReadyException:
        return None
    return [label["Name"] for label in answer["CustomLabels"]]


def test_stored_thresholds_decide_and_survive_a_killed_server(
    server: LiveServer, browser: BrowserSession
) -> None:
    arn = trained(server, "own-thresholds")
    path = "/_lensmith/projects/own-thresholds/versions/v1/thresholds"
    assert browser.get(path).json == {
        "stored": False,
        "labels": [
            {"label": "red", "assumed": 0.5, "own": None},
            {"label": "green", "assumed": 0.6, "own": None},
            {"label": "blue", "assumed": 0.7, "own": None},
        ],
    }
    start(server, arn)
    assert found(server, arn) == ["red"]
    stored = browser.put(path, {"thresholds": {"red": 0.9, "green": 0.5}})
    assert (stored.status, stored.json["stored"]) == (200, True)
    assert stored.json["labels"][2] == {"label": "blue", "assumed": 0.7, "own": None}
    assert found(server, arn) == ["green"]
    assert found(server, arn, MinConfidence=30) == ["red", "green", "blue"]  # counts for nothing
    server.stop(signal.SIGKILL)
    server.start()
    await_running(server, arn)
    assert found(server, arn) == ["green"]
    browser.delete(path)
    assert found(server, arn) == ["red"]
    server.rekognition().stop_project_version(ProjectVersionArn=arn)


def test_mistakes_and_rights(
    server: LiveServer, browser: BrowserSession, browser_of: Callable[..., BrowserSession]
) -> None:
    trained(server, "wrong-thresholds")
    path = "/_lensmith/projects/wrong-thresholds/versions/v1/thresholds"
    given: list[dict[str, float]] = [{"violet": 0.5}, {}]
    for thresholds in given:
        refused = browser.put(path, {"thresholds": thresholds})
        assert refused.code == "InvalidParameterException", thresholds
    for level in (1.5, -0.1, "high"):
        refused = browser.put(path, {"thresholds": {"red": level}})
        assert refused.code == "SerializationException", level
    reader = browser_of("rekognition:DescribeProjectVersions", "rekognition:DetectCustomLabels")
    assert reader.get(path).status == 200
    for refused in (reader.put(path, {"thresholds": {"red": 0.5}}), reader.delete(path)):
        assert refused.code == "AccessDeniedException"
        assert b"rekognition:StartProjectVersion" in refused.body


def test_activity_tells_detections_and_their_time(
    server: LiveServer, browser: BrowserSession, browser_of: Callable[..., BrowserSession]
) -> None:
    arn = trained(server, "active")
    path = "/_lensmith/projects/active/versions/v1/activity"
    assert browser.get(path).json["periods"] == []
    start(server, arn)
    before = sum(each["requests"] for each in browser.get(path).json["periods"])
    for _ in range(3):
        found(server, arn)
    answer = browser.get(f"{path}?hours=6").json
    assert answer["period_seconds"] == 60
    assert sum(each["requests"] for each in answer["periods"]) == before + 3
    assert all(each["mean_ms"] <= each["max_ms"] for each in answer["periods"] if each["requests"])
    assert browser.get(f"{path}?hours=0").code == "InvalidParameterException"
    assert browser_of("rekognition:*").get(path).code == "AccessDeniedException"
    server.rekognition().stop_project_version(ProjectVersionArn=arn)
