from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.random import default_rng
from tests.training.drawn import SHAPES, drawn_examples

from lensmith.domain.job import Progress
from lensmith.domain.training_report import SkipReason
from lensmith.inference.artefact import Preprocessing, Resize
from lensmith.inference.image import Pixels
from lensmith.training.backbone import BackboneName, load_backbone
from lensmith.training.budget import TimeBudget
from lensmith.training.classifier.batches import ClassificationBatches
from lensmith.training.classifier.cross_validation import ValidationScore, score
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.fine_tuned import (
    fit_on_all,
    reason_to_skip,
    recipe_for,
    try_fine_tuning,
)
from lensmith.training.classifier.fine_tuning import HoldoutSet, fine_tune
from lensmith.training.classifier.fine_tuning_costs import FineTuningCosts, cut_to
from lensmith.training.classifier.frozen_features import FrozenCandidate
from lensmith.training.classifier.network import LiteFeatures, MaxPoolClassifier
from lensmith.training.classifier.recipe import HEADS, FineTuningRecipe
from lensmith.training.device import Machine
from lensmith.training.errors import DivergedError

SMALL = FineTuningRecipe(input_size=(96, 64), iterations=40, more_iterations=4, warmup=4)


def pictures(folder: Path, count: int, shapes: tuple[int, int]) -> LabelledPictures:
    return LabelledPictures.of(drawn_examples(folder, count, shapes, seed=1), len(SHAPES), 4, 0)


def frozen(score: float) -> FrozenCandidate:
    validation = ValidationScore(np.zeros((4, 3)), np.full(4, 0.5), 1.0, score)
    extractor = LiteFeatures(BackboneName.LITE0)
    views = np.zeros((4, 1, 1280))
    frames = np.zeros((1, 224, 224, 3), np.uint8)
    return FrozenCandidate(extractor, views, frames, [validation] * len(HEADS), HEADS)


@pytest.mark.parametrize(
    ("count", "score", "reason"),
    [
        (12, 0.5, SkipReason.TOO_FEW_PICTURES),
        (21, 0.5, SkipReason.TOO_FEW_PICTURES_A_LABEL),
        (24, 0.99, SkipReason.NOT_NEEDED),
        (24, 0.9, None),
    ],
)
def test_when_fine_tuning_is_worth_a_trial(
    tmp_path: Path, count: int, score: float, reason: SkipReason | None
) -> None:
    said = reason_to_skip(pictures(tmp_path, count, (1, 1)), frozen(score))
    assert (said and said.reason) == reason


def test_without_a_first_fold_nothing_can_be_judged(tmp_path: Path) -> None:
    data = pictures(tmp_path, 24, (1, 1))
    others = replace(data, fold_of=data.fold_of.clip(1))
    skipped = reason_to_skip(others, frozen(0.5))
    assert skipped is not None
    assert skipped.reason is SkipReason.NOTHING_HELD_OUT


def test_a_network_that_diverged_is_judged_as_one_that_knows_nothing(tmp_path: Path) -> None:
    data = pictures(tmp_path, 6, (1, 1))
    network = MaxPoolClassifier(
        load_backbone(BackboneName.LITE0), len(SHAPES), exclusive=True
    ).eval()
    network.start_from(torch.full((len(SHAPES),), torch.nan))
    frames = ClassificationBatches(data, SMALL.input_size, Preprocessing(), default_rng(0))
    validation = HoldoutSet(range(6), data.truth).score(network, frames)
    assert validation.log_loss == pytest.approx(np.log(len(SHAPES)))


def test_a_learning_rate_that_diverges_ends_the_training_at_once(tmp_path: Path) -> None:
    said: list[Progress] = []
    diverging = replace(SMALL, learning_rate=1e30, backbone_learning_rate=1e30)
    with pytest.raises(DivergedError) as raised:
        try_fine_tuning(pictures(tmp_path, 24, (1, 1)), diverging, [0], said.append)
    assert raised.value.iteration < SMALL.iterations / 4
    assert "train a new version" in str(raised.value)


def test_several_labels_a_picture_need_fewer_of_each(tmp_path: Path) -> None:
    assert reason_to_skip(pictures(tmp_path, 21, (0, 2)), frozen(0.5)) is None


def test_the_time_budget_cuts_the_recipe_or_forbids_it(tmp_path: Path) -> None:
    data = pictures(tmp_path, 24, (1, 1))
    whole = recipe_for(data)
    assert whole is not None
    costs = FineTuningCosts(10.0, len(data.first_fold))  # so long that a slow machine is no matter
    looking, learning = costs.looking(whole), costs.learning(whole)
    assert costs.of(whole) == looking + learning
    half = cut_to(whole, costs, TimeBudget(looking + learning / 2, time.monotonic()))
    assert half is not None
    assert half.iterations == pytest.approx(whole.iterations / 2, abs=2)
    assert cut_to(whole, costs, TimeBudget(looking + learning / 10, time.monotonic())) is None
    assert cut_to(whole, costs, TimeBudget(2 * costs.of(whole), time.monotonic())) == whole


def test_full_fine_tuning_takes_longer() -> None:
    costs, full = FineTuningCosts(1.0, 6), replace(SMALL, frozen_stages=None)
    assert costs.trial(SMALL) < costs.trial(full)
    assert costs.trial(SMALL) < costs.of(SMALL)  # which goes on with all pictures


def test_too_few_pictures_have_no_recipe(tmp_path: Path) -> None:
    assert recipe_for(pictures(tmp_path, 12, (1, 1))) is None


class CountedBatches(ClassificationBatches):
    """Counts the pictures that are shown as served."""

    served = 0

    def as_served(self, indices: Sequence[int]) -> Pixels:
        self.served += len(indices)
        return super().as_served(indices)


def test_the_expected_costs_count_every_validation(tmp_path: Path) -> None:
    data = pictures(tmp_path, 24, (1, 1))
    recipe = replace(SMALL, iterations=10)
    batches = CountedBatches(data, recipe.input_size, Preprocessing(), default_rng(0))
    network = MaxPoolClassifier(load_backbone(recipe.backbone), len(SHAPES), exclusive=True)
    batches.learn_from(np.flatnonzero(data.fold_of != 0).tolist())
    held_out = HoldoutSet(data.first_fold.tolist(), data.truth[data.first_fold])
    tuned = fine_tune(network, batches, recipe, recipe.iterations, lambda _: None, held_out)
    held_out.logits(tuned, batches)
    width, height = recipe.input_size
    native = FineTuningCosts(1.0, len(data.first_fold)).looking(recipe)  # in passes at 224 pixels
    assert batches.served == pytest.approx(native * 224**2 / (width * height))


def test_learning_from_pictures_with_several_labels(tmp_path: Path) -> None:
    data = pictures(tmp_path, 24, (0, 2))
    said: list[Progress] = []
    candidate = try_fine_tuning(data, SMALL, [0], said.append)
    assert len(candidate.validation.losses) == len(data.first_fold) == 6
    assert candidate.preprocessing.resize is Resize.LETTERBOX
    losses = [progress.loss for progress in said if progress.loss is not None]
    assert losses[-1] < losses[0]
    assert (said[-1].phase, said[-1].trial) == ("fine-tuning-trial", 1)
    assert said[-1].step == said[-1].steps == SMALL.iterations
    assert said[-1].metric == pytest.approx(candidate.validation.metric)

    network = fit_on_all(candidate, data, said.append)
    assert said[-1].phase == "fine-tuning"
    frames = torch.from_numpy(candidate.samples)
    with torch.no_grad():
        scores = network(frames)
        logits = network.logits(frames)
    assert scores.shape == (4, len(SHAPES))
    cooled = (logits / candidate.validation.temperature).sigmoid()
    np.testing.assert_allclose(scores, cooled, rtol=1e-4)


def test_the_same_seed_learns_the_same(tmp_path: Path) -> None:
    data = pictures(tmp_path, 24, (1, 1))
    recipe = replace(SMALL, iterations=3)
    once, again = (try_fine_tuning(data, recipe, [0], lambda _: None) for _ in range(2))
    np.testing.assert_array_equal(once.validation.logits, again.validation.logits)
    assert once.preprocessing.resize is Resize.CROP


def test_more_folds_judge_the_same_networks_by_more_pictures(tmp_path: Path) -> None:
    data = pictures(tmp_path, 24, (1, 1))
    recipe = replace(SMALL, iterations=2)
    said: list[Progress] = []
    few = try_fine_tuning(data, recipe, [0], lambda _: None)
    many = try_fine_tuning(data, recipe, iter(data.folds), said.append)
    assert many.folds == [0, 1, 2, 3]
    assert len(many.validation.losses) == len(data.examples)
    first = many.validation.logits[data.held_out_in([0])]
    np.testing.assert_array_equal(first, few.validation.logits)
    expected = score(many.validation.logits, data.truth, exclusive=True)
    assert many.validation.temperature == expected.temperature
    assert [(progress.phase, progress.trial) for progress in said] == [
        ("fine-tuning-trial", number) for number in (1, 2, 3, 4) for _ in range(2)
    ]


def changed_by(data: LabelledPictures, recipe: FineTuningRecipe) -> set[str]:
    """What fine-tuning does not leave as ImageNet has it."""
    (trial,) = try_fine_tuning(data, recipe, [0], lambda _: None).trials
    learnt = trial.network.backbone.state_dict()
    return {
        name
        for name, before in load_backbone(recipe.backbone).state_dict().items()
        if not torch.equal(before, learnt[name])
    }


def test_norm_statistics_and_early_stages_stay(tmp_path: Path) -> None:
    changed = changed_by(pictures(tmp_path, 24, (1, 1)), replace(SMALL, iterations=3))
    assert any(name.startswith("stages.6") for name in changed)
    assert not [name for name in changed if name.startswith(("stem", "stages.0", "stages.2"))]
    assert not [name for name in changed if "running" in name]


def test_in_full_fine_tuning_every_layer_learns(tmp_path: Path) -> None:
    recipe = replace(SMALL, iterations=3, frozen_stages=None)
    changed = changed_by(pictures(tmp_path, 24, (1, 1)), recipe)
    for part in ("stem", *(f"stages.{stage}" for stage in range(7)), "head"):
        assert any(name.startswith(part) for name in changed), part
    assert not [name for name in changed if "running" in name]


def test_mixed_precision_learns_too(tmp_path: Path) -> None:
    """As on CUDA, by the processor: it has bfloat16 too."""
    machine = Machine(torch.device("cpu"), torch.bfloat16)
    data = pictures(tmp_path, 24, (1, 1))
    recipe = replace(SMALL, input_size=(64, 64), iterations=3)
    said: list[Progress] = []
    candidate = try_fine_tuning(data, recipe, [0], said.append, machine)
    assert np.isfinite(said[-1].loss or np.nan)
    assert np.isfinite(candidate.validation.logits).all()
    weights = candidate.trials[0].network.state_dict().values()
    assert not [weight for weight in weights if weight.dtype is torch.bfloat16]
