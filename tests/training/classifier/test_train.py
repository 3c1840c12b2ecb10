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
from lensmith.training import budget
from lensmith.training.classifier import planning as planned_training
from lensmith.training.classifier import recipe
from lensmith.training.classifier.recipe import HEADS, FineTuningRecipe
from lensmith.training.classifier.train import train_classifier
from lensmith.training.data.example import Example
from lensmith.training.settings import TrainingSettings

GENEROUS = 1e6  # seconds
BUNDLED = {"efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2"}
SMALL = FineTuningRecipe(input_size=(96, 64), iterations=6, more_iterations=2, warmup=2)


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine trains the same model."""
    monkeypatch.setattr(budget, "MIN_SECONDS", budget.MAX_SECONDS)


def trained(
    examples: Sequence[Example],
    directory: Path,
    seed: int = 0,
    budget_seconds: float | None = None,
) -> list[Progress]:
    directory.mkdir()
    progress: list[Progress] = []
    settings = TrainingSettings(seed=seed, threads=1, budget_seconds=budget_seconds)
    train_classifier(examples, SHAPES, directory, settings, progress.append)
    return progress


def scores(predictor: Predictor, example: Example) -> dict[str, float]:
    prediction = predictor.predict(example.image.read_bytes())
    return {found.name: found.confidence for found in prediction.detections}


def network(directory: Path) -> bytes:
    return (directory / "model.onnx").read_bytes()


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


@pytest.fixture
def in_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """One view and a few steps."""
    monkeypatch.setattr(recipe, "CLASSIFIER_VIEWS", 1)
    monkeypatch.setattr(planned_training, "recipe_for", lambda _: SMALL)


def hard_to_tell(folder: Path, seed: int) -> list[Example]:
    """What no frozen features can learn: drawn pictures with each other's labels."""
    drawn = drawn_examples(folder, 24, (1, 1), seed=1)
    labels = default_rng(seed).permutation([example.labels for example in drawn]).tolist()
    return [replace(one, labels=tuple(given)) for one, given in zip(drawn, labels, strict=True)]


@pytest.mark.parametrize("seed", [1, 2])
def test_fine_tuning_must_beat_frozen_features(tmp_path: Path, in_small: None, seed: int) -> None:
    examples = hard_to_tell(tmp_path, seed)
    said = trained(examples, tmp_path / "model")

    artefact = Artefact.read(tmp_path / "model")
    report = artefact.report
    assert report["tried"][-1]["method"] == "fine-tuning"
    assert report["tried"][-1]["folds"] == 1
    baseline = float(report["reason"].split("frozen features ")[1].split(",")[0])
    wins = report["tried"][-1]["log_loss"] < baseline
    assert report["chosen"]["features"] == ("fine-tuning" if wins else "frozen features")
    assert (artefact.input_size == SMALL.input_size) is wins
    assert len(scores(Predictor.open(tmp_path / "model", threads=1), examples[0])) == 3
    assert [reason.split(":")[0] for reason in report["left_out"]] == [
        "efficientnet-lite1",
        "3 more folds to judge fine-tuning by",
        "full fine-tuning",
    ]
    assert "fine-tuning, judged by 1 of the folds" in report["plan"]
    assert said[0].plan == report["plan"]


def test_frozen_features_serve_where_fine_tuning_diverges(
    tmp_path: Path, in_small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    diverging = replace(SMALL, learning_rate=1e30, backbone_learning_rate=1e30)
    monkeypatch.setattr(planned_training, "recipe_for", lambda _: diverging)
    trained(hard_to_tell(tmp_path, seed=1), tmp_path / "model")
    report = Artefact.read(tmp_path / "model").report
    assert report["chosen"]["features"] == "frozen features"
    assert any("diverged" in left_out for left_out in report["left_out"])


def test_a_generous_budget_leaves_nothing_out(tmp_path: Path, in_small: None) -> None:
    examples = hard_to_tell(tmp_path, seed=2)
    said = trained(examples, tmp_path / "model", budget_seconds=GENEROUS)
    trained(examples, tmp_path / "again", budget_seconds=GENEROUS)
    assert network(tmp_path / "model") == network(tmp_path / "again")

    artefact = Artefact.read(tmp_path / "model")
    report = artefact.report
    assert report["left_out"] == []
    assert {row["backbone"] for row in report["tried"]} == BUNDLED
    assert {(row["folds"], row["pictures"]) for row in report["tried"]} == {(4, 24)}
    plain, full = report["tried"][-2:]
    assert (plain["method"], full["method"]) == ("fine-tuning", "full fine-tuning")
    losses = {"frozen features": float(report["reason"].split("features ")[1].split(",")[0])}
    losses |= {row["method"]: row["log_loss"] for row in (plain, full)}
    best = min(losses, key=lambda method: losses[method])
    chosen = report["chosen"]["features"]
    assert chosen == best or losses[chosen] <= losses[best] + full["spread"]
    assert (artefact.input_size == SMALL.input_size) is (chosen != "frozen features")
    phases = list(dict.fromkeys(progress.phase for progress in said))
    numbers = ("", " 2", " 3", " 4")
    assert phases[:2] == ["planning", "features"]
    assert phases[2:10] == [
        f"{trial}{number}"
        for trial in ("fine-tuning trial", "full fine-tuning trial")
        for number in numbers
    ]
    assert "and full fine-tuning, judged by 4 of the folds" in str(said[0].plan)


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
    assert network(tmp_path / "once") == network(tmp_path / "again")


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
