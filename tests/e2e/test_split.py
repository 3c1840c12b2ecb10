"""Trainings without a test set: it is split off (api.md 2.14, sources b and d)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tests.e2e.drawn import KINDS, PARTS, boards, flowers
from tests.e2e.lab import TRAINED, Lab
from tests.support.live_server import LiveServer
from tests.support.signed_caller import SignedCaller

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import (
        AssetTypeDef,
        BoundingBoxTypeDef,
        ProjectVersionDescriptionTypeDef,
        S3ObjectTypeDef,
    )

POSITIVES = ("true-positive", "false-positive")
BUDGET = "40"
"""Seconds: some boxes are found after these even on a busy machine, all would take minutes."""


def test_boxes_in_a_training_dataset_alone(new_server: Callable[..., LiveServer]) -> None:
    server = new_server(LENSMITH_TRAINING_BUDGET=BUDGET, LENSMITH_TRAINING_THREADS="1")
    server.start()
    lab = Lab.open(server)
    project_arn = lab.create_project()
    train_arn = lab.import_manifest(project_arn, "TRAIN", lab.upload("boards", boards("train", 20)))
    before = lab.entries(train_arn)
    version_arn = lab.train(project_arn)
    description = lab.await_version(project_arn, TRAINED)

    (project,) = lab.rekognition.describe_projects()["ProjectDescriptions"]
    assert [(one["DatasetType"], one["Status"]) for one in project["Datasets"]] == [
        ("TRAIN", "CREATE_COMPLETE"),
        ("TEST", "CREATE_COMPLETE"),
    ]
    kept, moved = (lab.entries(dataset["DatasetArn"]) for dataset in project["Datasets"])
    assert (len(kept), len(moved)) == (16, 4)
    assert sorted([*kept, *moved]) == sorted(before)
    assert description["TestingDataResult"]["Input"] == {"AutoCreate": False}
    check_detector_summary(lab.summary(description), description["EvaluationResult"]["F1Score"])

    lab.start(project_arn, version_arn)
    check_boxes(lab, version_arn)
    check_evaluated_as_served(lab, version_arn, description)
    check_report_as_served(lab, version_arn)
    assert server.stop() == 0


def check_detector_summary(summary: dict[str, Any], f1_score: float) -> None:
    details, aggregated = summary["EvaluationDetails"], summary["AggregatedEvaluationResults"]
    assert details["Labels"] == list(PARTS)
    assert (details["NumberOfTrainingImages"], details["NumberOfTestingImages"]) == (16, 4)
    assert set(aggregated) == {
        "AveragePrecision",
        "AverageRecall",
        "F1Score",
        "Precision",
        "Recall",
    }
    assert 0 < f1_score <= 1
    assert 0 < aggregated["Recall"] <= aggregated["AverageRecall"] <= 1


def check_boxes(lab: Lab, version_arn: str) -> None:
    (picture,) = boards("unseen", 1)
    key = f"unseen/{picture.name}"
    lab.s3.put_object(Bucket=lab.bucket, Key=key, Body=picture.jpeg())
    everything = lab.detect(version_arn, picture.jpeg(), MinConfidence=0)
    assert everything
    assert {found["Name"] for found in everything} <= set(PARTS)
    assert all(is_inside(found["Geometry"]["BoundingBox"]) for found in everything)
    in_s3 = lab.detect(version_arn, {"Bucket": lab.bucket, "Name": key}, MinConfidence=0)
    assert in_s3 == everything
    certain = lab.detect(version_arn, picture.jpeg())
    assert certain == [found for found in everything if found in certain]


def check_evaluated_as_served(
    lab: Lab, version_arn: str, description: ProjectVersionDescriptionTypeDef
) -> None:
    """Of every test picture the evaluation says what DetectCustomLabels answers, box for box."""
    (snapshot,) = description["TestingDataResult"]["Output"]["Assets"]
    lines = read_object(lab, snapshot["GroundTruthManifest"]["S3Object"]).splitlines()
    assert len(lines) == 4
    for line in map(json.loads, lines):
        bucket, _, key = line["source-ref"].removeprefix("s3://").partition("/")
        file: S3ObjectTypeDef = {"Bucket": bucket, "Name": key}
        told = evaluated_boxes(line)
        assert told
        served = lab.detect(version_arn, file, MinConfidence=0)
        assert [found["Name"] for found in served] == [one.label for one in told]
        for found, one in zip(served, told, strict=True):
            # The snapshot rounds confidences to five decimals and edges to whole pixels.
            assert found["Confidence"] / 100 == pytest.approx(one.confidence, abs=6e-6)
            assert in_pixels(found["Geometry"]["BoundingBox"]) == pytest.approx(one.edges, abs=1)
        assumed = [found for found, one in zip(served, told, strict=True) if one.is_assumed]
        assert lab.detect(version_arn, file) == assumed


def check_report_as_served(lab: Lab, version_arn: str) -> None:
    """Edges are in the report as the model gave them: those that are assumed, to the last digit."""
    project = version_arn.split("/")[1]
    path = f"/_lensmith/projects/{project}/versions/v1/evaluation/images"
    images = SignedCaller(lab.server).call("GET", path)["images"]
    assert len(images) == 4
    for image in images:
        bucket, _, key = image["source_ref"].removeprefix("s3://").partition("/")
        told = [one for one in image["results"] if one["outcome"] in POSITIVES]
        served = lab.detect(version_arn, {"Bucket": bucket, "Name": key})
        assert [found["Name"] for found in served] == [one["label"] for one in told]
        for found, one in zip(served, told, strict=True):
            sent = {side.lower(): edge for side, edge in found["Geometry"]["BoundingBox"].items()}
            assert sent == pytest.approx(one["box"], abs=1e-6)  # sums of single precision


def read_object(lab: Lab, place: S3ObjectTypeDef) -> bytes:
    return lab.s3.get_object(Bucket=place["Bucket"], Key=place["Name"])["Body"].read()


@dataclass(frozen=True, slots=True)
class EvaluatedBox:
    label: str
    confidence: float
    edges: tuple[int, int, int, int]  # left, top, right, bottom in pixels
    is_assumed: bool  # at least its label's threshold


def evaluated_boxes(line: dict[str, Any]) -> list[EvaluatedBox]:
    """The predictions of a snapshot's line, without the boxes that none of them found."""
    name = "rekognition-custom-labels-evaluation"
    metadata = line[f"{name}-metadata"]
    boxes = []
    for one, judged in zip(line[name]["annotations"], metadata["objects"], strict=True):
        details = judged[f"{name}-details"]
        left, top = one["left"], one["top"]
        box = EvaluatedBox(
            metadata["class-map"][str(one["class_id"])],
            judged["confidence"],
            (left, top, left + one["width"], top + one["height"]),
            details["is-true-positive"] or details["is-false-positive"],
        )
        boxes += [box] if box.confidence else []
    return boxes


def in_pixels(box: BoundingBoxTypeDef) -> tuple[float, ...]:
    """Left, top, right, bottom in a board's pixels."""
    left, top = box["Left"], box["Top"]
    edges = (left, top, left + box["Width"], top + box["Height"])
    return tuple(edge * side for edge, side in zip(edges, (160, 120) * 2, strict=True))


def is_inside(box: BoundingBoxTypeDef) -> bool:
    rounding = 1e-6
    return (
        min(box["Left"], box["Top"]) >= 0
        and min(box["Width"], box["Height"]) > 0
        and box["Left"] + box["Width"] <= 1 + rounding
        and box["Top"] + box["Height"] <= 1 + rounding
    )


def test_a_manifest_of_the_bucket(lab: Lab) -> None:
    project_arn = lab.create_project()
    manifest = lab.upload("split", flowers("split", 5))
    asset: AssetTypeDef = {"GroundTruthManifest": {"S3Object": manifest}}
    lab.train(project_arn, TrainingData={"Assets": [asset]}, TestingData={"AutoCreate": True})
    description = lab.await_version(project_arn, TRAINED)

    assert description["TrainingDataResult"]["Input"] == {"Assets": [asset]}
    assert description["TestingDataResult"]["Input"] == {"AutoCreate": True}
    assert description["TestingDataResult"]["Output"]["AutoCreate"] is True
    details = lab.summary(description)["EvaluationDetails"]
    assert (details["NumberOfTrainingImages"], details["NumberOfTestingImages"]) == (12, 3)
    assert details["Labels"] == list(KINDS)
    used = set()
    for result in (description["TrainingDataResult"], description["TestingDataResult"]):
        (output,) = result["Output"]["Assets"]
        place = output["GroundTruthManifest"]["S3Object"]
        body = lab.s3.get_object(Bucket=place["Bucket"], Key=place["Name"])["Body"].read()
        used |= {json.loads(line)["source-ref"] for line in body.splitlines()}
    assert len(used) == 15
    name = project_arn.split("/")[1]
    (project,) = lab.rekognition.describe_projects(ProjectNames=[name])["ProjectDescriptions"]
    assert project["Datasets"] == []
