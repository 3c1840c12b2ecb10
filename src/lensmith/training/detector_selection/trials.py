"""Runs trials of detectors on the same pictures within one time budget."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lensmith.domain.job import OnProgress, Progress
from lensmith.domain.training_phase import TrainingPhase
from lensmith.domain.training_report import BUNDLED, DetectorPlan, TrainingPlan
from lensmith.training.budget import TimeBudget
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.detector.train import train_detector
from lensmith.training.detector_selection.holdout import SplitPictures, validate_artefact
from lensmith.training.detector_selection.report import (
    DetectorReport,
    DetectorTrial,
)
from lensmith.training.errors import TrainingError
from lensmith.training.hub_detector.candidate import HubCandidate
from lensmith.training.settings import TrainingSettings

MIN_FRACTION = 0.5  # of an even part, which each training gets however long others took


@dataclass(frozen=True, slots=True)
class SharedTime:
    """Divides one budget evenly among several trainings."""

    budget: TimeBudget
    trainings: int

    def of(self, number: int) -> float:
        """Return the seconds for the training of this number, from 1; less if earlier ones overran.

        The last one also gets the rest of the others.
        """
        even = self.budget.seconds / self.trainings
        left = self.budget.left / (self.trainings - number + 1)
        if number < self.trainings:
            left = min(left, even)
        return max(left, MIN_FRACTION * even)


@dataclass(frozen=True, slots=True)
class TrialContext:
    """Time, folder and callback of one trial."""

    number: int  # from 1
    trials: int
    directory: Path  # for its artefact
    seconds: float
    began: float  # on the monotonic clock
    on_progress: OnProgress

    @property
    def while_learning(self) -> OnProgress:
        return self._in_phase(TrainingPhase.TRIAL)

    @property
    def while_validating(self) -> OnProgress:
        return self._in_phase(TrainingPhase.JUDGING_TRIAL)

    def _in_phase(self, phase: TrainingPhase) -> OnProgress:
        return in_phase(phase, self.on_progress, self.number, self.trials)


@dataclass(frozen=True, slots=True)
class DetectorSelection:
    """Runs the trials, each with an artefact in a folder of its own."""

    split: SplitPictures
    labels: Sequence[str]
    folder: Path
    shared_time: SharedTime
    settings: TrainingSettings
    trial_log: DetectorReport
    bundled_recipe: DetectorRecipe | None  # None: chosen from the pictures

    def winner(
        self, candidates: Sequence[HubCandidate], on_progress: OnProgress
    ) -> DetectorTrial | None:
        """Return the winning trial; None if all trials but the bundled detector's failed.

        The bundled one is then not tried.
        """
        last = len(candidates) + 1
        tried = [
            self._try_candidate(candidate, self._context(number, last, on_progress))
            for number, candidate in enumerate(candidates, 1)
        ]
        came_through = [trial for trial in tried if trial is not None]
        if not came_through:
            return None
        bundled = self._try_bundled(self._context(last, last, on_progress))
        return self.trial_log.choose(bundled, came_through)

    def _context(self, number: int, last: int, on_progress: OnProgress) -> TrialContext:
        directory = self.folder / str(number)
        directory.mkdir()
        return TrialContext(
            number, last, directory, self.shared_time.of(number), time.monotonic(), on_progress
        )

    def _try_candidate(
        self, candidate: HubCandidate, context: TrialContext
    ) -> DetectorTrial | None:
        try:
            candidate.learn_some(
                self.split.training, context.directory, context.seconds, context.while_learning
            )
        except TrainingError as error:
            self.trial_log.leave_out(replace(error.skipped, candidate=candidate.name))
            return None
        return self._validated(candidate.name, context, candidate)

    def _try_bundled(self, context: TrialContext) -> DetectorTrial:
        settings = replace(self.settings, budget_seconds=context.seconds)
        train_detector(
            self.split.training,
            self.labels,
            context.directory,
            settings,
            context.while_learning,
            recipe=self.bundled_recipe,
        )
        return self._validated(BUNDLED, context, None)

    def _validated(
        self, name: str, context: TrialContext, candidate: HubCandidate | None
    ) -> DetectorTrial:
        held_out, threads = self.split.held_out, self.settings.threads
        validation = validate_artefact(
            context.directory, self.labels, held_out, threads, context.while_validating
        )
        seconds = time.monotonic() - context.began
        trial = DetectorTrial(name, validation, seconds, context.directory, candidate)
        self.trial_log.add(trial)
        return trial


def plan_of(candidates: Sequence[HubCandidate], split: SplitPictures) -> TrainingPlan:
    names = tuple(candidate.name for candidate in candidates)
    return TrainingPlan(detector=DetectorPlan(names, len(split.training), len(split.held_out)))


def in_phase(
    phase: TrainingPhase,
    on_progress: OnProgress,
    trial: int | None = None,
    trials: int | None = None,
) -> OnProgress:
    """Forward progress under `phase`, without the plan, which is not the plan of all trainings."""

    def forward(progress: Progress) -> None:
        if progress.phase != TrainingPhase.PLANNING:
            on_progress(replace(progress, phase=phase, trial=trial, trials=trials))

    return forward
