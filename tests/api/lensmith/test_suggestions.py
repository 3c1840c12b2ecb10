"""What a trained model suggests, on a live server with a model that knows colours."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from tests.boto3.recorded import record_version
from tests.manifest.lines import image_metadata
from tests.support.artefacts import average_colour
from tests.support.browser_session import Answer, BrowserSession
from tests.support.labelled_dataset import LabelledDataset, finished
from tests.support.live_server import LiveServer

from lensmith.config import Settings
from lensmith.domain.label import Detection, Prediction
from lensmith.domain.project_version import VersionStatus
from lensmith.store.records.engine import Records
from lensmith.tasks.suggestions import uncertainty

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client


def picture(colour: tuple[int, int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (128, 96), colour).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def dataset(
    rekognition: RekognitionClient, browser: BrowserSession, s3: S3Client, bucket: str
) -> LabelledDataset:
    """Two unlabelled pictures, one that is none, one labelled, one with nothing."""
    for name, data in (
        ("red.png", picture((250, 10, 10))),
        ("dim.png", picture((128, 10, 10))),
        ("text.png", b"no picture"),
        ("known.png", picture((10, 250, 10))),
        ("empty.png", picture((10, 10, 250))),
    ):
        s3.put_object(Bucket=bucket, Key=name, Body=data)
    lines: list[dict[str, Any]] = [
        {"source-ref": f"s3://{bucket}/{name}.png"} for name in ("red", "dim", "text", "empty")
    ]
    known = {"source-ref": f"s3://{bucket}/known.png", "k": 1, "k-metadata": image_metadata()}
    dataset = LabelledDataset.create(rekognition, browser, [*lines, known])
    empty = dataset.image("empty")
    nothing = {"nothing_here": True, "width": 128, "height": 96}
    dataset.save({key: empty[key] for key in ("source_ref", "revision")} | nothing)
    return dataset


@pytest.fixture
def model(server: LiveServer, dataset: LabelledDataset) -> str:
    """The name of a trained version."""
    settings = Settings(server.home / "data")
    (project,) = dataset.rekognition.describe_projects(ProjectNames=[dataset.project])[
        "ProjectDescriptions"
    ]
    records = Records.of(settings)
    version = record_version(records, project["ProjectArn"], VersionStatus.TRAINING_COMPLETED)
    records.close()
    average_colour(settings.models_directory / str(version.id))
    return version.name


def start(dataset: LabelledDataset, **order: Any) -> Answer:
    return dataset.browser.post(f"{dataset.path}/suggestions", order)


def run(dataset: LabelledDataset, **order: Any) -> dict[str, Any]:
    started = start(dataset, **order)
    assert started.status == 202, started.body
    task = finished(dataset.browser, started.json["task"])
    assert task["state"] == "completed", task
    result: dict[str, Any] = task["result"]
    return result


def test_unlabelled_pictures_get_suggestions(dataset: LabelledDataset, model: str) -> None:
    before = dataset.lines()
    result = run(dataset, min_confidence=0)
    assert result["version"] == model
    names = [each["source_ref"].rpartition("/")[2] for each in result["suggestions"]]
    assert names == ["red.png", "dim.png"]
    red, dim = result["suggestions"]
    assert (red["width"], red["height"]) == (128, 96)
    scores = {label["name"]: label["confidence"] for label in red["image_labels"]}
    assert scores["red"] > 90 > 10 > scores["green"]
    assert red["boxes"] == []
    assert 0 <= red["uncertainty"] < dim["uncertainty"] <= 1
    assert [each["code"] for each in result["failed"]] == ["InvalidImageFormatException"]
    assert dataset.lines() == before


def test_pictures_and_certainty_can_be_chosen(dataset: LabelledDataset, model: str) -> None:
    known, red = dataset.image("known")["source_ref"], dataset.image("red")["source_ref"]
    result = run(dataset, version=model, source_refs=[known, red, "s3://else/where.png"])
    assert [each["source_ref"] for each in result["suggestions"]] == [known, red]
    assert [label["name"] for label in result["suggestions"][0]["image_labels"]] == ["green"]
    assert len(run(dataset, limit=1)["suggestions"]) == 1


def test_what_cannot_be_suggested_is_told(dataset: LabelledDataset) -> None:
    assert start(dataset).code == "ResourceNotReadyException"
    assert start(dataset, version="none").code == "ResourceNotFoundException"
    assert start(dataset, limit=0).code == "SerializationException"
    assert start(dataset, min_confidence=101).code == "SerializationException"


def test_who_may_not_detect_gets_none(
    dataset: LabelledDataset, model: str, browser_of: Callable[..., BrowserSession]
) -> None:
    path = f"{dataset.path}/suggestions"
    assert browser_of("rekognition:List*").post(path, {}).code == "AccessDeniedException"
    assert browser_of("rekognition:Detect*").post(path, {}).code == "AccessDeniedException"
    blind = browser_of("rekognition:*")  # may detect, but not read the pictures
    task = finished(blind, blind.post(path, {}).json["task"])
    assert {each["code"] for each in task["result"]["failed"]} == {"ObjectForbidden"}
    assert task["result"]["suggestions"] == []


def test_uncertainty_is_how_close_the_closest_score_is_to_its_threshold() -> None:
    def of(*scores: float, threshold: float = 0.5) -> float:
        found = tuple(Detection(str(i), score) for i, score in enumerate(scores))
        return uncertainty(Prediction(found, {one.name: threshold for one in found}))

    assert of(0.5) == 1
    assert of(0.0) == of(1.0) == 0
    assert of(0.75) == of(0.25) == 0.5
    assert of(1.0, 0.6, 0.0) == pytest.approx(0.8)
    assert of(0.8, threshold=0.6) == pytest.approx(0.5)
    assert of() == 0
    assert of(1.0, threshold=1.0) == 1
