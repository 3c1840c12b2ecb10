from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image
from tests.support.artefacts import (
    COLOURS,
    average_colour,
    convolved_colour,
    fixed_boxes,
    with_int8,
    with_refused_int8,
)

from lensmith.domain.errors import InvalidImageFormatException
from lensmith.domain.geometry import Box
from lensmith.domain.precision import Precision
from lensmith.domain.training_report import TrainingReport
from lensmith.inference.artefact import (
    NETWORK_FILE,
    Artefact,
    ArtefactError,
    Preprocessing,
    Resize,
    Task,
)
from lensmith.inference.predictor import Predictor
from lensmith.inference.variant import INT8_FILE


def png(colour: tuple[int, int, int], size: tuple[int, int] = (128, 64)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_classifier_scores_every_label(tmp_path: Path) -> None:
    average_colour(tmp_path)
    prediction = Predictor.open(tmp_path, threads=1).predict(png((51, 255, 102)))
    assert [(one.name, round(one.confidence, 3)) for one in prediction.detections] == [
        ("green", 1.0),
        ("blue", 0.4),
        ("red", 0.2),
    ]
    assert prediction.thresholds == {"red": 0.5, "green": 0.6, "blue": 0.7}


def test_a_detector_answers_in_fractions_of_the_picture(tmp_path: Path) -> None:
    fixed_boxes(tmp_path, [(0.25, 0.25, 0.75, 0.75)], [(0.9,)], ("cat",), Resize.LETTERBOX)
    [found] = Predictor.open(tmp_path, threads=1).predict(png((0, 0, 0))).detections
    assert found.name == "cat"
    assert found.box == Box(0.25, 0.0, 0.5, 1.0)


def test_a_detector_without_candidates_finds_nothing(tmp_path: Path) -> None:
    fixed_boxes(tmp_path, [(0.1, 0.1, 0.2, 0.2)], [(0.0005,)], ("cat",))
    assert Predictor.open(tmp_path).predict(png((0, 0, 0))).detections == ()


def test_the_same_file_gets_the_same_answer(tmp_path: Path) -> None:
    average_colour(tmp_path)
    noise = np.random.default_rng(0).integers(0, 256, (700, 900, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG")
    answers = {Predictor.open(tmp_path).predict(buffer.getvalue()).detections for _ in range(3)}
    assert len(answers) == 1


def test_pictures_are_judged(tmp_path: Path) -> None:
    average_colour(tmp_path)
    with pytest.raises(InvalidImageFormatException):
        Predictor.open(tmp_path).predict(b"GIF89a")


def test_an_artefact_is_read_as_it_was_written(tmp_path: Path) -> None:
    artefact = Artefact(
        Task.DETECTION,
        ("Katze", "犬"),
        (0.25, 0.75),
        (320, 256),
        Preprocessing(Resize.CROP, crop=0.875),
        nms_iou=0.5,
        versions={"lensmith": "0.1.0"},
        report=TrainingReport(seed=3),
    )
    artefact.write(tmp_path)
    assert Artefact.read(tmp_path) == artefact
    assert [path.name for path in tmp_path.iterdir()] == ["model.json"]


def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="No such file"):
        Predictor.open(tmp_path)


@pytest.mark.parametrize(
    "description",
    [
        b"",
        b"{}",
        b"[1]",
        b'{"task": "poetry"}',
        b'{"task": "detection", "labels": ["a"], "thresholds": [], "input_size": [9, 9]}',
        b'{"task": "detection", "labels": [], "thresholds": [], "input_size": [9, 9]}',
        b'{"task": "detection", "labels": ["a"], "thresholds": [0], "input_size": [0, 9]}',
    ],
)
def test_a_description_that_is_none(tmp_path: Path, description: bytes) -> None:
    (tmp_path / "model.json").write_bytes(description)
    with pytest.raises(ArtefactError, match="not valid"):
        Predictor.open(tmp_path)


def test_a_network_that_is_none(tmp_path: Path) -> None:
    average_colour(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"no network")
    with pytest.raises(ArtefactError, match="cannot be loaded"):
        Predictor.open(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"labels": (*COLOURS, "ochre"), "thresholds": (0.5,) * 4},
        {"input_size": (64, 64)},
        {"task": Task.DETECTION},
    ],
)
def test_a_description_of_another_network(tmp_path: Path, change: dict[str, Any]) -> None:
    dataclasses.replace(average_colour(tmp_path), **change).write(tmp_path)
    with pytest.raises(ArtefactError):
        Predictor.open(tmp_path)


def test_an_unknown_runtime(tmp_path: Path) -> None:
    dataclasses.replace(average_colour(tmp_path), runtime="abacus").write(tmp_path)
    with pytest.raises(ArtefactError, match="abacus"):
        Predictor.open(tmp_path)


def test_a_variant_is_served_with_its_own_thresholds(tmp_path: Path) -> None:
    convolved_colour(tmp_path)
    with_int8(tmp_path, (0.45, 0.55, 0.65))
    chosen, float32 = (Predictor.open(tmp_path, 1, wanted) for wanted in (None, Precision.FLOAT32))
    answers = [each.predict(png((51, 255, 102))) for each in (chosen, float32)]
    assert chosen.variant is not None
    assert chosen.variant.precision is Precision.INT8
    assert chosen.seconds > 0
    assert answers[0].thresholds == {"red": 0.45, "green": 0.55, "blue": 0.65}
    assert answers[1].thresholds == {"red": 0.5, "green": 0.6, "blue": 0.7}
    for one, other in zip(*(each.detections for each in answers), strict=True):
        assert one.name == other.name
        assert one.confidence == pytest.approx(other.confidence, abs=0.01)


def test_a_variant_that_costs_too_much_is_served_only_when_told(tmp_path: Path) -> None:
    convolved_colour(tmp_path)
    with_int8(tmp_path, (0.45, 0.55, 0.65), loss=0.006)
    for wanted, served in ((None, Precision.FLOAT32), (Precision.INT8, Precision.INT8)):
        variant = Predictor.open(tmp_path, 1, wanted).variant
        assert variant is not None
        assert variant.precision is served


def refused_by_the_runtime(directory: Path) -> None:
    with_refused_int8(directory)


def not_the_evaluated_one(directory: Path) -> None:
    (directory / INT8_FILE).write_bytes((directory / NETWORK_FILE).read_bytes())


def missing(directory: Path) -> None:
    (directory / INT8_FILE).unlink()


@pytest.mark.parametrize("precision", [None, Precision.INT8])
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (refused_by_the_runtime, "cannot be loaded"),
        (not_the_evaluated_one, "model-int8.onnx is not the file that was evaluated"),
        (missing, "No such file"),
    ],
)
def test_a_variant_that_cannot_run_is_dropped(
    tmp_path: Path, spoil: Callable[[Path], None], reason: str, precision: Precision | None
) -> None:
    convolved_colour(tmp_path)
    with_int8(tmp_path, (0.1, 0.1, 0.1))
    spoil(tmp_path)
    predictor = Predictor.open(tmp_path, precision=precision)
    assert predictor.variant is not None
    assert predictor.variant.precision is Precision.FLOAT32
    assert predictor.predict(png((0, 0, 0))).thresholds == {"red": 0.5, "green": 0.6, "blue": 0.7}
    [dropped] = predictor.dropped
    assert (dropped.precision, dropped.runtime) == (Precision.INT8, "onnxruntime")
    assert reason in dropped.reason


def test_without_float32_nothing_serves(tmp_path: Path) -> None:
    convolved_colour(tmp_path)
    with_int8(tmp_path, (0.5, 0.5, 0.5))
    for name in (NETWORK_FILE, INT8_FILE):
        (tmp_path / name).write_bytes(b"no network")
    with pytest.raises(ArtefactError, match=r"model\.onnx is not the file that was evaluated"):
        Predictor.open(tmp_path)


@pytest.mark.parametrize("kept", [[], [1]])
def test_variants_need_thresholds_and_float32(tmp_path: Path, kept: list[int]) -> None:
    convolved_colour(tmp_path)
    artefact = with_int8(tmp_path, (0.5, 0.5, 0.5))
    thresholds = () if not kept else artefact.thresholds
    wrong = [dataclasses.replace(one, thresholds=thresholds) for one in artefact.variants[1:]]
    described = {**dataclasses.asdict(artefact), "variants": wrong}
    (tmp_path / "model.json").write_bytes(msgspec.json.encode(described))
    with pytest.raises(ArtefactError, match="variant"):
        Artefact.read(tmp_path)
