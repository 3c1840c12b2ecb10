"""Collects the trials of detectors, their scores on held-out pictures, and the choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lensmith.domain.training_report import Choice, ChoiceReason, Skipped, Trial
from lensmith.inference.artefact import Artefact
from lensmith.training.detector.validation import BoxValidation
from lensmith.training.hub_detector.candidate import HubCandidate
from lensmith.training.trial_log import TrialLog


@dataclass(frozen=True, slots=True)
class DetectorTrial:
    """A detector trained on some of the training pictures and validated on the others."""

    name: str
    validation: BoxValidation
    seconds: float
    directory: Path  # of its artefact
    candidate: HubCandidate | None  # None for the bundled one

    @property
    def average_precision(self) -> float:
        return self.validation.average_precision

    @property
    def scored(self) -> Trial:
        """The trial as it is reported."""
        return Trial(
            self.name,
            average_precision=round(self.average_precision, 4),
            pictures=self.validation.pictures,
            seconds=round(self.seconds, 1),
        )


class DetectorReport(TrialLog):
    """Filled during training; becomes part of model.json."""

    def __init__(self, min_lead: float) -> None:
        super().__init__()
        self._min_lead = min_lead

    def add(self, trial: DetectorTrial) -> None:
        self.trials.append(trial.scored)

    def choose(self, bundled: DetectorTrial, others: Sequence[DetectorTrial]) -> DetectorTrial:
        """Choose the bundled detector, unless another leads by enough."""
        best = max(others, key=lambda trial: trial.average_precision)
        ahead = best.average_precision >= bundled.average_precision + self._min_lead
        chosen, other = (best, bundled) if ahead else (bundled, best)
        self.choice = Choice(
            chosen.scored,
            ChoiceReason.AVERAGE_PRECISION,
            runner_up=other.scored,
            lead=self._min_lead,
        )
        return chosen

    def keep_trial(self, skipped: Skipped) -> None:
        """Note that training on all pictures failed: the model is the one of the trial."""
        assert self.choice is not None
        self.choice = replace(self.choice, continuation=skipped)

    def add_to(self, directory: Path) -> None:
        """Complete model.json."""
        artefact = Artefact.read(directory)
        report = replace(
            artefact.report,
            plan=self.plan,
            trials=tuple(self.trials),
            skipped=tuple(self.skipped),
            choice=self.choice,
        )
        replace(artefact, report=report).write(directory)
