from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from numpy.random import default_rng
from tests.training.drawn import SHAPES, drawn_examples

from lensmith.domain.job import Progress
from lensmith.inference.artefact import Artefact, Task
from lensmith.inference.predictor import Predictor
from lensmith.training import classifier
from lensmith.training.classifier import train_classifier
from lensmith.training.example import Example
from lensmith.training.recipe import HEADS, FineTuningRecipe
from lensmith.training.settings import TrainingSettings

AMPLE = 3600.0  # seconds, so that a slow machine trains the same model


def trained(examples: Sequence[Example], directory: Path, seed: int = 0) -> list[Progress]:
    directory.mkdir()
    progress: list[Progress] = []
    settings = TrainingSettings(seed=seed, threads=1, budget_seconds=AMPLE)
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
    assert artefact.report["chosen"]["features"] == "frozen features"
    assert "fine-tuning needs 20 pictures" in artefact.report["reason"]
    assert artefact.report["seed"] == 0
    assert artefact.report["fewest_pictures_a_label"] == 4
    assert artefact.report["most_pictures_a_label"] == 4


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


@pytest.mark.parametrize("seed", [1, 2])
def test_fine_tuning_must_beat_frozen_features(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    small = FineTuningRecipe(frame=(96, 64), iterations=6, more_iterations=2, warmup=2)
    monkeypatch.setattr(classifier, "recipe_for", lambda _: small)
    drawn = drawn_examples(tmp_path, 24, (1, 1), seed=1)
    labels = default_rng(seed).permutation([example.labels for example in drawn]).tolist()
    shuffled = [replace(one, labels=tuple(given)) for one, given in zip(drawn, labels, strict=True)]
    trained(shuffled, tmp_path / "model")

    artefact = Artefact.read(tmp_path / "model")
    report = artefact.report
    assert report["tried"][-1]["method"] == "fine-tuning"
    rival = float(report["reason"].split("frozen features ")[1].split(",")[0])
    wins = report["tried"][-1]["log_loss"] < rival
    assert report["chosen"]["features"] == ("fine-tuning" if wins else "frozen features")
    assert (artefact.input_size == small.frame) is wins
    assert len(scores(Predictor.open(tmp_path / "model", threads=1), drawn[0])) == 3


def test_a_short_budget_leaves_candidates_out(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 12, (1, 1), seed=1)
    (tmp_path / "model").mkdir()
    settings = TrainingSettings(threads=1, budget_seconds=0.01, backbones=("no/such-backbone",))
    said: list[Progress] = []
    train_classifier(examples, SHAPES, tmp_path / "model", settings, said.append)
    report = Artefact.read(tmp_path / "model").report
    assert {row["backbone"] for row in report["tried"]} == {"efficientnet-lite0"}
    assert report["recipe"]["candidates"] == ["efficientnet-lite0", "efficientnet-lite2"]
    assert any("time" in reason for reason in report["left_out"])
    assert any(reason.startswith("no/such-backbone: ") for reason in report["left_out"])
    assert said[0].phase == "planning"
    assert said[0].budget_seconds == 0.01


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
