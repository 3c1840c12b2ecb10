from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.random import default_rng
from tests.training.drawn import SHAPES, drawn_examples

from lensmith.domain.job import Progress
from lensmith.domain.training_report import (
    ChoiceReason,
    ClassifierPlan,
    Method,
    Skipped,
    SkipReason,
    TrainingPlan,
)
from lensmith.inference.artefact import Artefact, Task
from lensmith.inference.predictor import Predictor
from lensmith.training.classifier.linear_head import HeadKind, HeadRecipe
from lensmith.training.classifier.recipe import (
    AVERAGED_HEAD,
    HEADS,
    ClassifierRecipe,
    FineTuningRecipe,
    classifier_recipe,
)
from lensmith.training.classifier.train import train_classifier
from lensmith.training.data.example import Example
from lensmith.training.device import this_machine
from lensmith.training.settings import TrainingSettings

GENEROUS = 1e6  # seconds
BUNDLED = {"efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2"}
SMALL = FineTuningRecipe(input_size=(96, 64), iterations=3, more_iterations=1, warmup=1, batch=4)


# A slow machine trains the same model: no time passes for its budget.
MACHINE = replace(this_machine(), clock=lambda: 0.0)


def trained(
    examples: Sequence[Example],
    directory: Path,
    seed: int = 0,
    budget_seconds: float | None = None,
    recipe: ClassifierRecipe | None = None,
) -> list[Progress]:
    directory.mkdir()
    progress: list[Progress] = []
    settings = TrainingSettings(seed=seed, threads=1, budget_seconds=budget_seconds)
    train_classifier(
        examples, SHAPES, directory, settings, progress.append, recipe=recipe, machine=MACHINE
    )
    return progress


def scores(predictor: Predictor, example: Example) -> dict[str, float]:
    prediction = predictor.predict(example.image.read_bytes())
    return {found.name: found.confidence for found in prediction.detections}


def network(directory: Path) -> bytes:
    return (directory / "model.onnx").read_bytes()


def in_two_views(examples: Sequence[Example]) -> ClassifierRecipe:
    """The usual recipe, with fewer views of each picture."""
    return replace(classifier_recipe(examples), views=2)


def test_one_label_a_picture(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 12, (1, 1), seed=1)
    progress = trained(examples, tmp_path / "model", recipe=in_two_views(examples))
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
    assert artefact.input_size == (260, 260)  # of both backbones
    report = artefact.report
    assert [(trial.method, trial.strength) for trial in report.trials] == [
        *[(Method.REGRESSION, AVERAGED_HEAD.strength)] * 2,
        (Method.AVERAGE, None),
    ]
    assert report.choice is not None
    assert report.choice.reason is ChoiceReason.FEW_PICTURES
    assert report.choice.trial == report.trials[-1]
    assert report.choice.trial.candidate == "efficientnet-lite0+efficientnet-lite2"
    assert report.choice.trial.method is Method.AVERAGE
    assert report.skipped == ()
    backbones = ("efficientnet-lite0", "efficientnet-lite2")
    assert report.plan == TrainingPlan(ClassifierPlan(backbones, folds=4, averaged=True))
    known = Skipped(SkipReason.NOT_NEEDED, method=Method.FINE_TUNING)  # all, in cross-validation
    assert report.choice.fine_tuning == known
    assert report.seed == 0
    assert report.classifier is not None
    assert report.classifier.exclusive
    assert report.classifier.min_pictures_a_label == report.classifier.max_pictures_a_label == 4


def test_several_labels_a_picture(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 16, (0, 2), seed=1)
    recipe = replace(classifier_recipe(examples), views=1)
    trained(examples, tmp_path / "model", recipe=recipe)
    tests = drawn_examples(tmp_path, 12, (0, 2), seed=2)
    predictor = Predictor.open(tmp_path / "model", threads=1)
    right = [
        (found >= 0.5) == (SHAPES.index(name) in example.labels)
        for example in tests
        for name, found in scores(predictor, example).items()
    ]
    assert sum(right) / len(right) > 0.8


def in_small(
    examples: Sequence[Example], fine_tuning: FineTuningRecipe = SMALL
) -> ClassifierRecipe:
    """One view and a few steps; as with many pictures a label backbones compete."""
    recipe = classifier_recipe(examples)
    return replace(recipe, views=1, fine_tuning=fine_tuning, few_a_label=0)


def hard_to_tell(folder: Path, seed: int) -> list[Example]:
    """What no frozen features can learn: drawn pictures with each other's labels."""
    drawn = drawn_examples(folder, 24, (1, 1), seed=1)
    labels = default_rng(seed).permutation([example.labels for example in drawn]).tolist()
    return [replace(one, labels=tuple(given)) for one, given in zip(drawn, labels, strict=True)]


def partly_wrong(folder: Path) -> list[Example]:
    """Drawn pictures, a quarter of them with a wrong label, so that nothing is perfect."""
    drawn = drawn_examples(folder, 24, (1, 1), seed=1)
    wrong = set(default_rng(0).choice(24, 6, replace=False).tolist())
    return [
        replace(one, labels=((one.labels[0] + 1) % 3,)) if number in wrong else one
        for number, one in enumerate(drawn)
    ]


def test_fine_tuning_that_learns_nothing_loses_to_frozen_features(tmp_path: Path) -> None:
    examples = partly_wrong(tmp_path)
    idle = replace(SMALL, learning_rate=0.0, backbone_learning_rate=0.0)
    said = trained(examples, tmp_path / "model", recipe=in_small(examples, idle))
    artefact = Artefact.read(tmp_path / "model")
    report = artefact.report
    tuned, choice = report.trials[-1], report.choice
    assert (tuned.method, tuned.folds) == (Method.FINE_TUNING, 1)
    assert tuned.log_loss == pytest.approx(np.log(3), abs=0.01)  # of three labels, none known
    assert choice is not None
    assert choice.reason is ChoiceReason.LOG_LOSS
    assert choice.baseline_log_loss is not None
    assert choice.baseline_log_loss < 0.95
    assert choice.trial.method in {Method.PROTOTYPES, Method.REGRESSION}
    assert artefact.input_size != SMALL.input_size
    assert list(report.skipped) == [
        Skipped(SkipReason.BUDGET, "efficientnet-lite1"),
        Skipped(SkipReason.FOLDS, method=Method.FINE_TUNING, number=3),
        Skipped(SkipReason.BUDGET, method=Method.FULL_FINE_TUNING),
    ]
    backbones = ("efficientnet-lite0", "efficientnet-lite2")
    assert report.plan == TrainingPlan(ClassifierPlan(backbones, folds=4, tuning_folds=1))
    assert said[0].plan == report.plan


def test_fine_tuning_that_beats_frozen_features_is_served(tmp_path: Path) -> None:
    """The only head that frozen features may have is held near zero."""
    examples = partly_wrong(tmp_path)
    recipe = in_small(examples, replace(SMALL, iterations=30, warmup=4, batch=8))
    recipe = replace(recipe, heads=(HeadRecipe(HeadKind.REGRESSION, 1e-6),))
    trained(examples, tmp_path / "model", recipe=recipe)
    artefact = Artefact.read(tmp_path / "model")
    choice = artefact.report.choice
    assert choice is not None
    assert choice.trial.method is Method.FINE_TUNING
    assert choice.trial == artefact.report.trials[-1]
    assert choice.trial.log_loss is not None
    assert choice.trial.log_loss < 1.0
    assert choice.baseline_log_loss == pytest.approx(np.log(3), abs=0.01)
    assert artefact.input_size == SMALL.input_size
    assert len(scores(Predictor.open(tmp_path / "model", threads=1), examples[0])) == 3


def test_the_average_serves_where_fine_tuning_diverges(tmp_path: Path) -> None:
    diverging = replace(SMALL, learning_rate=1e30, backbone_learning_rate=1e30)
    examples = hard_to_tell(tmp_path, seed=1)
    recipe = replace(in_small(examples, diverging), few_a_label=8)
    trained(examples, tmp_path / "model", recipe=recipe)
    report = Artefact.read(tmp_path / "model").report
    assert report.choice is not None
    assert report.choice.trial.method is Method.AVERAGE
    assert report.choice.fine_tuning is not None
    assert report.choice.fine_tuning.reason is SkipReason.DIVERGED
    assert report.choice.fine_tuning in report.skipped


def test_a_generous_budget_leaves_nothing_out(tmp_path: Path) -> None:
    examples = hard_to_tell(tmp_path, seed=2)
    recipe = replace(in_small(examples), folds=3, heads=HEADS[:3])
    said = trained(examples, tmp_path / "model", budget_seconds=GENEROUS, recipe=recipe)
    trained(examples, tmp_path / "again", budget_seconds=GENEROUS, recipe=recipe)
    assert network(tmp_path / "model") == network(tmp_path / "again")

    artefact = Artefact.read(tmp_path / "model")
    report = artefact.report
    assert report.skipped == ()
    assert {trial.candidate for trial in report.trials} == BUNDLED
    assert {(trial.folds, trial.pictures) for trial in report.trials} == {(3, 24)}
    plain, full = report.trials[-2:]
    assert (plain.method, full.method) == (Method.FINE_TUNING, Method.FULL_FINE_TUNING)
    choice = report.choice
    assert choice is not None
    is_tuned = choice.trial in {plain, full}
    losses = [choice.baseline_log_loss, plain.log_loss, full.log_loss]
    best = min(loss for loss in losses if loss is not None)
    chosen = choice.trial.log_loss if is_tuned else choice.baseline_log_loss
    assert chosen is not None
    assert full.standard_error is not None
    assert chosen <= best + full.standard_error
    assert (artefact.input_size == SMALL.input_size) is is_tuned
    phases = list(dict.fromkeys((progress.phase, progress.trial) for progress in said))
    assert phases[:2] == [("planning", None), ("features", None)]
    assert phases[2:8] == [
        (phase, number)
        for phase in ("fine-tuning-trial", "full-fine-tuning-trial")
        for number in (1, 2, 3)
    ]
    assert said[0].plan is not None
    plan = said[0].plan.classifier
    assert plan is not None
    assert (plan.tuning_folds, plan.full_tuning) == (3, True)


def test_a_short_budget_leaves_candidates_out(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 12, (1, 1), seed=1)
    (tmp_path / "model").mkdir()
    settings = TrainingSettings(threads=1, budget_seconds=0.01, backbones=("no/such-backbone",))
    said: list[Progress] = []
    recipe = in_two_views(examples)
    train_classifier(examples, SHAPES, tmp_path / "model", settings, said.append, recipe=recipe)
    report = Artefact.read(tmp_path / "model").report
    assert {trial.candidate for trial in report.trials} == {"efficientnet-lite0"}
    assert Skipped(SkipReason.TIME, "efficientnet-lite2") in report.skipped
    assert "no/such-backbone" in {skipped.candidate for skipped in report.skipped}
    assert said[0].phase == "planning"
    assert said[0].budget_seconds == 0.01


def test_one_picture_a_label_and_the_same_model_from_the_same_seed(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 3, (1, 1), seed=1)
    for name in ("once", "again"):
        trained(examples, tmp_path / name, seed=7, recipe=in_two_views(examples))
    assert network(tmp_path / "once") == network(tmp_path / "again")
    predictor = Predictor.open(tmp_path / "once", threads=1)
    for example in examples:
        found = scores(predictor, example)
        assert max(found, key=lambda name: found[name]) == SHAPES[example.labels[0]]


def test_one_label_in_all(tmp_path: Path) -> None:
    examples = [
        replace(example, labels=(0,)) for example in drawn_examples(tmp_path, 3, (1, 1), seed=1)
    ]
    directory = tmp_path / "model"
    directory.mkdir()
    settings, recipe = TrainingSettings(threads=1), in_two_views(examples)
    train_classifier(examples, ["shape"], directory, settings, lambda _: None, recipe=recipe)
    assert scores(Predictor.open(directory), examples[0])["shape"] > 0.9
