"""Plans a classifier's training from speeds measured on this machine and the time budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lensmith.domain.job import Progress
from lensmith.domain.training_phase import TrainingPhase
from lensmith.domain.training_report import ClassifierPlan, TrainingPlan
from lensmith.training.budget import TimeBudget
from lensmith.training.classifier.backbone_speed import MeasuredBackbone
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.fine_tuned import recipe_for
from lensmith.training.classifier.fine_tuning_costs import FineTuningCosts
from lensmith.training.classifier.frozen_candidates import (
    available_backbones,
    bundled_backbones,
    frozen_seconds,
)
from lensmith.training.classifier.larger_input import LargerInput, larger_input
from lensmith.training.classifier.plan import AdditionCosts, widened
from lensmith.training.classifier.recipe import ClassifierRecipe, FineTuningRecipe
from lensmith.training.classifier.report import ClassifierReport
from lensmith.training.device import Machine
from lensmith.training.settings import TrainingSettings


@dataclass(frozen=True, slots=True)
class PlannedTraining:
    plan: ClassifierPlan
    backbones: list[MeasuredBackbone]  # of the plan, the quickest at the front
    larger: LargerInput | None  # None for small pictures
    tuning: FineTuningRecipe | None  # None for too few pictures
    costs: FineTuningCosts
    expected: float  # seconds
    budget: TimeBudget
    machine: Machine

    @property
    def progress(self) -> Progress:
        """Progress before the first picture: the plan and its time budget."""
        seconds = self.budget.seconds
        eta = min(self.expected, seconds)
        plan = TrainingPlan(classifier=self.plan)
        return Progress(TrainingPhase.PLANNING, eta_seconds=eta, budget_seconds=seconds, plan=plan)


def plan_training(
    data: LabelledPictures,
    recipe: ClassifierRecipe,
    settings: TrainingSettings,
    trial_log: ClassifierReport,
    began: float,
    machine: Machine,
) -> PlannedTraining:
    """Make the usual plan, widened if the requested budget allows more.

    `began` is on the clock of the machine. Logs the candidates that are left out for lack of time.
    """
    few = data.a_label <= recipe.few_a_label and len(recipe.candidates) > 1
    averaged = few and not settings.backbones  # those that a person names compete
    backbones = available_backbones(
        recipe, settings.backbones, trial_log, machine.device, averaged=averaged
    )
    tuning = recipe_for(data, recipe.fine_tuning, few=few)
    costs = FineTuningCosts(backbones[0].seconds, len(data.first_fold))
    larger = None if few else larger_input(data, backbones[0])
    frozen = frozen_seconds(data, recipe, backbones)
    frozen += larger.seconds * len(data.examples) if larger else 0.0
    expected = frozen + costs.of(tuning)
    budget = TimeBudget.of(settings.budget_seconds, expected, began, machine.clock)
    longer = recipe_for(data, recipe.fine_tuning) if few else tuning
    if costs.of(longer) - costs.of(tuning) <= budget.beyond(expected):
        tuning, expected = longer, frozen + costs.of(longer)
    names = tuple(backbone.extractor.name for backbone in backbones)
    plan = usual = ClassifierPlan(
        names,
        len(data.folds),
        tuning_folds=1 if tuning else 0,
        averaged=averaged,
        larger_input=larger.extractor.input_size if larger else None,
    )
    spared = () if averaged else recipe.spared
    if room := budget.beyond(expected):
        others = bundled_backbones(spared, machine.device)
        additions = _additions(data, recipe, tuning, others, costs)
        plan = widened(usual, additions, room)
        expected += additions.between(usual, plan)
        backbones += [one for one in others if one.extractor.name in plan.backbones]
    trial_log.set_plan(plan, spared)
    return PlannedTraining(plan, backbones, larger, tuning, costs, expected, budget, machine)


def _additions(
    data: LabelledPictures,
    recipe: ClassifierRecipe,
    tuning: FineTuningRecipe | None,
    others: Sequence[MeasuredBackbone],
    costs: FineTuningCosts,
) -> AdditionCosts:
    frozen = {one.extractor.name: frozen_seconds(data, recipe, [one]) for one in others}
    if tuning is None:
        return AdditionCosts(frozen)
    full = replace(tuning, frozen_stages=None)
    return AdditionCosts(frozen, costs.trial(tuning), costs.trial(full))
