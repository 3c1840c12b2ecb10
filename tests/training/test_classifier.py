from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.training.drawn import SHAPES, drawn_examples

from lensmith.domain.job import Progress
from lensmith.inference.artefact import Artefact, Task
from lensmith.inference.predictor import Predictor
from lensmith.training.classifier import train_classifier
from lensmith.training.example import Example
from lensmith.training.recipe import HEADS
from lensmith.training.settings import TrainingSettings


def trained(examples: Sequence[Example], directory: Path, seed: int = 0) -> list[Progress]:
    directory.mkdir()
    progress: list[Progress] = []
    settings = TrainingSettings(seed=seed, threads=1)
    train_classifier(examples, SHAPES, directory, settings, progress.append)
    return progress


def scores(predictor: Predictor, example: Example) -> dict[str, float]:
    prediction = predictor.predict(example.image.read_bytes())
    return {found.name: found.confidence for found in prediction.detections}


def test_one_label_a_picture(tmp_path: Path) -> None:
    progress = trained(drawn_examples(tmp_path, 12, (1, 1), seed=1), tmp_path / "model")
    tests = drawn_examples(tmp_path, 9, (1, 1), seed=2)
    predictor = Predictor.open(tmp_path / "model", threads=1)
    for example in tests:
        found = scores(predictor, example)
        assert max(found, key=lambda name: found[name]) == SHAPES[example.labels[0]]
        assert sum(found.values()) == pytest.approx(1.0, abs=1e-4)
    assert progress[-1].phase == "features"
    assert progress[-1].step == progress[-1].steps == 24  # each picture, two backbones
    artefact = Artefact.read(tmp_path / "model")
    assert artefact.task is Task.CLASSIFICATION
    assert artefact.labels == SHAPES
    assert artefact.thresholds == (0.5,) * 3
    assert len(artefact.report["tried"]) == 2 * len(HEADS)
    assert artefact.report["chosen"]["method"] == "frozen features"
    assert "fine-tuning needs 20 pictures" in artefact.report["reason"]
    assert artefact.report["seed"] == 0


def test_several_labels_a_picture(tmp_path: Path) -> None:
    trained(drawn_examples(tmp_path, 16, (0, 2), seed=1), tmp_path / "model")
    tests = drawn_examples(tmp_path, 12, (0, 2), seed=2)
    predictor = Predictor.open(tmp_path / "model", threads=1)
    right = [
        (found >= 0.5) == (SHAPES.index(name) in example.labels)
        for example in tests
        for name, found in scores(predictor, example).items()
    ]
    assert sum(right) / len(right) > 0.8


def test_the_same_seed_gives_the_same_model(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 3, (1, 1), seed=1)
    for name in ("once", "again"):
        trained(examples, tmp_path / name, seed=7)
    once, again = (tmp_path / name / "model.onnx" for name in ("once", "again"))
    assert once.read_bytes() == again.read_bytes()


def test_one_picture_a_label(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 3, (1, 1), seed=1)
    trained(examples, tmp_path / "model")
    predictor = Predictor.open(tmp_path / "model", threads=1)
    for example in examples:
        found = scores(predictor, example)
        assert max(found, key=lambda name: found[name]) == SHAPES[example.labels[0]]


def test_one_label_in_all(tmp_path: Path) -> None:
    examples = [
        replace(example, labels=(0,)) for example in drawn_examples(tmp_path, 3, (1, 1), seed=1)
    ]
    directory = tmp_path / "model"
    directory.mkdir()
    train_classifier(examples, ["shape"], directory, TrainingSettings(threads=1), lambda _: None)
    assert scores(Predictor.open(directory), examples[0])["shape"] > 0.9
