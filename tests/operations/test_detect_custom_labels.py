"""Which detections come back, in which order, in which form."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.operations.bench import Bench

from lensmith.domain.geometry import Box
from lensmith.domain.image_limits import MAX_REQUEST_IMAGE_BYTES
from lensmith.domain.label import Detection, Prediction
from lensmith.domain.project_version import VersionStatus
from lensmith.operations.detect_custom_labels import select

PREDICTION = Prediction(
    (
        Detection("bolt", 0.9),
        Detection("nut", 0.6),
        Detection("washer", 0.6),
        Detection("screw", 0.1),
    ),
    {"bolt": 0.95, "nut": 0.6, "washer": 0.61, "screw": 0.05},
)


def names(min_confidence: float | None, max_results: int | None = None) -> list[str]:
    return [each.name for each in select(PREDICTION, min_confidence, max_results)]


@pytest.mark.parametrize(
    ("min_confidence", "expected"),
    [
        (None, ["nut", "screw"]),
        (0, ["bolt", "nut", "washer", "screw"]),
        (60, ["bolt", "nut", "washer"]),
        (60.1, ["bolt"]),
        (100, []),
    ],
)
def test_thresholds(min_confidence: float | None, expected: list[str]) -> None:
    assert names(min_confidence) == expected


@pytest.mark.parametrize(
    ("max_results", "expected"),
    [(None, 4), (0, 0), (1, 1), (4, 4), (1000, 4)],
)
def test_max_results_keeps_the_best(max_results: int | None, expected: int) -> None:
    assert names(0, max_results) == ["bolt", "nut", "washer", "screw"][:expected]


@given(st.floats(0, 1))
def test_a_confidence_read_from_an_answer_finds_its_label_again(confidence: float) -> None:
    (sent,) = struct.unpack("f", struct.pack("f", 100 * confidence))
    prediction = Prediction((Detection("bolt", confidence),), {"bolt": 0.5})
    assert select(prediction, sent, None)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([0.1, 0.5, 0.9]))))
def test_best_first_then_by_name(scored: list[tuple[str, float]]) -> None:
    prediction = Prediction(tuple(Detection(*each) for each in scored), {})
    order = [(-each.confidence, each.name) for each in select(prediction, 0, None)]
    assert order == sorted((-confidence, name) for name, confidence in scored)


def running(bench: Bench, prediction: Prediction = PREDICTION) -> dict[str, str]:
    bench.fleet.prediction = prediction
    version = bench.version(bench.project(), status=VersionStatus.RUNNING)
    return {"ProjectVersionArn": version.arn}


def test_a_classification_has_no_geometry(bench: Bench) -> None:
    version = running(bench)
    answer = bench.ask("DetectCustomLabels", **version, Image={"Bytes": b"image"}, MinConfidence=70)
    (label,) = answer["CustomLabels"]
    assert label.keys() == {"Name", "Confidence"}
    assert label["Confidence"] == pytest.approx(90)
    assert bench.fleet.images == [(version["ProjectVersionArn"], b"image")]


def test_a_box_is_clamped_to_the_image(bench: Bench) -> None:
    box = Box(left=-0.1, top=0.5, width=0.3, height=0.7)
    version = running(bench, Prediction((Detection("bolt", 0.9, box),), {"bolt": 0.5}))
    (label,) = bench.ask("DetectCustomLabels", **version, Image={"Bytes": b"i"})["CustomLabels"]
    expected = {"Width": 0.2, "Height": 0.5, "Left": 0.0, "Top": 0.5}
    assert label["Geometry"] == {"BoundingBox": pytest.approx(expected)}


def test_nothing_found(bench: Bench) -> None:
    version = running(bench, Prediction((), {}))
    answer = bench.ask("DetectCustomLabels", **version, Image={"Bytes": b"image"})
    assert answer == {"CustomLabels": []}


def test_one_image_source(bench: Bench) -> None:
    version = running(bench)
    s3_object = {"Bucket": "images", "Name": "a.png"}
    for image in ({}, {"Bytes": b"i", "S3Object": s3_object}, {"S3Object": {"Bucket": "images"}}):
        refusal = bench.refusal("DetectCustomLabels", **version, Image=image)
        assert refusal == "InvalidParameterException"


def test_bytes_over_four_megabytes(bench: Bench) -> None:
    version = running(bench)
    largest = b"i" * MAX_REQUEST_IMAGE_BYTES
    bench.ask("DetectCustomLabels", **version, Image={"Bytes": largest})
    refusal = bench.refusal("DetectCustomLabels", **version, Image={"Bytes": largest + b"i"})
    assert refusal == "ImageTooLargeException"


def test_a_full_model_refuses_before_the_object_is_fetched(bench: Bench) -> None:
    version = running(bench)
    bench.fleet.is_full = True
    # There is no object store here: to ask it would end in another error.
    image = {"S3Object": {"Bucket": "images", "Name": "a.png"}}
    refusal = bench.refusal("DetectCustomLabels", **version, Image=image)
    assert refusal == "ProvisionedThroughputExceededException"
