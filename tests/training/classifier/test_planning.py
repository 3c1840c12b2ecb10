from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.planning import PlannedTraining, plan_training
from lensmith.training.classifier.recipe import classifier_recipe
from lensmith.training.classifier.report import ClassifierReport
from lensmith.training.data.example import Example
from lensmith.training.device import this_machine
from lensmith.training.settings import TrainingSettings

MACHINE = replace(this_machine(), clock=lambda: 0.0)
FRAMES = {"efficientnet-lite0": (224, 224), "efficientnet-lite2": (260, 260)}


def planned(a_label: int, settings: TrainingSettings, up_to: float) -> PlannedTraining:
    examples = [Example(Path("a.png"), (number % 2,)) for number in range(2 * a_label)]
    data = LabelledPictures.of(examples, 2, folds=4, seed=0)
    recipe = replace(classifier_recipe(examples), few_a_label=up_to)
    return plan_training(data, recipe, settings, ClassifierReport(data), 0.0, MACHINE)


def test_up_to_the_limit_backbones_are_averaged_at_one_frame() -> None:
    few = planned(4, TrainingSettings(), up_to=4)
    assert few.plan.averaged
    assert {one.extractor.input_size for one in few.backbones} == {(260, 260)}


@pytest.mark.parametrize(
    ("settings", "up_to"),
    [
        (TrainingSettings(), 3),  # more pictures than that
        (TrainingSettings(), 0),
        (TrainingSettings(backbones=("no/such-backbone",)), 4),  # a person's choice competes
    ],
)
def test_otherwise_backbones_compete_each_at_its_frame(
    settings: TrainingSettings, up_to: float
) -> None:
    many = planned(4, settings, up_to)
    assert not many.plan.averaged
    assert {one.extractor.name: one.extractor.input_size for one in many.backbones} == FRAMES


def test_a_larger_budget_adds_no_backbone_to_an_average() -> None:
    plan = planned(4, TrainingSettings(budget_seconds=1e6), up_to=4).plan
    assert plan.averaged
    assert plan.backbones == tuple(FRAMES)
