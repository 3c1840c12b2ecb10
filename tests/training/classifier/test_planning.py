from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.planning import PlannedTraining, plan_training
from lensmith.training.classifier.recipe import MIN_STEPS, classifier_recipe
from lensmith.training.classifier.report import ClassifierReport
from lensmith.training.data.example import Example
from lensmith.training.device import this_machine
from lensmith.training.settings import TrainingSettings

MACHINE = replace(this_machine(), clock=lambda: 0.0)
FRAMES = {"efficientnet-lite0": (224, 224), "efficientnet-lite2": (260, 260)}


def planned(
    folder: Path, a_label: int, settings: TrainingSettings, up_to: float, side: int = 64
) -> PlannedTraining:
    picture = folder / "a.png"
    Image.new("RGB", (side, side)).save(picture)
    examples = [Example(picture, (number % 2,)) for number in range(2 * a_label)]
    data = LabelledPictures.of(examples, 2, folds=4, seed=0)
    recipe = replace(classifier_recipe(examples), few_a_label=up_to)
    return plan_training(data, recipe, settings, ClassifierReport(data), 0.0, MACHINE)


def test_up_to_the_limit_backbones_are_averaged_at_one_frame(tmp_path: Path) -> None:
    few = planned(tmp_path, 4, TrainingSettings(), up_to=4)
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
    tmp_path: Path, settings: TrainingSettings, up_to: float
) -> None:
    many = planned(tmp_path, 4, settings, up_to)
    assert not many.plan.averaged
    assert {one.extractor.name: one.extractor.input_size for one in many.backbones} == FRAMES


def test_a_larger_budget_adds_no_backbone_to_an_average(tmp_path: Path) -> None:
    plan = planned(tmp_path, 4, TrainingSettings(budget_seconds=1e6), up_to=4).plan
    assert plan.averaged
    assert plan.backbones == tuple(FRAMES)


@pytest.mark.parametrize(
    ("side", "up_to", "tried"), [(400, 3, True), (300, 3, False), (400, 4, False)]
)
def test_large_pictures_of_many_a_label_are_tried_at_a_larger_input(
    tmp_path: Path, side: int, up_to: float, tried: bool
) -> None:
    larger = planned(tmp_path, 4, TrainingSettings(), up_to, side)
    assert (larger.larger is not None) is tried
    assert (larger.plan.larger_input == (448, 448)) is tried


@pytest.mark.parametrize(("seconds", "is_long"), [(None, False), (1e6, True)])
def test_a_larger_budget_tunes_few_pictures_at_length(
    tmp_path: Path, seconds: float | None, is_long: bool
) -> None:
    few = planned(tmp_path, 12, TrainingSettings(budget_seconds=seconds), up_to=12, side=400)
    assert few.tuning is not None
    assert (few.tuning.iterations == MIN_STEPS) is is_long
    assert (few.tuning.input_size == (320, 320)) is is_long
