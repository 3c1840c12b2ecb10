"""Trials of detectors on the same pictures, within one time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lensmith.domain.job import OnProgress, Progress
from lensmith.training.budget import TimeBudget
from lensmith.training.detector.train import train_detector
from lensmith.training.detector_selection.holdout import SplitPictures, judge_artefact
from lensmith.training.detector_selection.report import BUNDLED, DetectorReport, Trial, called
from lensmith.training.export import ExportError
from lensmith.training.hub_detector.candidate import HubCandidate
from lensmith.training.hub_detector.recipe import UntrainableError
from lensmith.training.settings import TrainingSettings

LEAST_SHARE = 0.5  # of an even share, which a training has however long others took


@dataclass(frozen=True, slots=True)
class SharedTime:
    """One budget for several trainings, none of which is to take more than its even share."""

    budget: TimeBudget
    trainings: int

    def of(self, number: int) -> float:
        """Seconds for the training of this number, from 1: less where earlier ones overran.

        The last one also gets what they have left over.
        """
        even = self.budget.seconds / self.trainings
        left = self.budget.left / (self.trainings - number + 1)
        if number < self.trainings:
            left = min(left, even)
        return max(left, LEAST_SHARE * even)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one detector may use for its trial."""

    phase: str
    directory: Path  # for its artefact
    seconds: float
    began: float  # on the monotonic clock
    report: OnProgress

    @property
    def while_learning(self) -> OnProgress:
        return in_phase(self.phase, self.report)

    @property
    def while_judged(self) -> OnProgress:
        return in_phase(f"judging {self.phase}", self.report)


@dataclass(frozen=True, slots=True)
class Contest:
    """Each trial leaves an artefact in a folder of its own."""

    split: SplitPictures
    labels: Sequence[str]
    folder: Path
    shared_time: SharedTime
    settings: TrainingSettings
    account: DetectorReport

    def winner(self, rivals: Sequence[HubCandidate], report: OnProgress) -> Trial | None:
        """The trial that won; None when no other than the bundled detector came through its own.

        Then the bundled one need not be tried.
        """
        last = len(rivals) + 1
        tried = [
            self._try(rival, self._turn(number, last, report))
            for number, rival in enumerate(rivals, 1)
        ]
        came_through = [trial for trial in tried if trial is not None]
        if not came_through:
            return None
        bundled = self._try_bundled(self._turn(last, last, report))
        return self.account.choose(bundled, came_through)

    def _turn(self, number: int, last: int, report: OnProgress) -> Turn:
        phase = f"trial {number} of {last}"
        directory = self.folder / phase
        directory.mkdir()
        return Turn(phase, directory, self.shared_time.of(number), time.monotonic(), report)

    def _try(self, rival: HubCandidate, turn: Turn) -> Trial | None:
        try:
            rival.learn_some(
                self.split.learnt_from, turn.directory, turn.seconds, turn.while_learning
            )
        except (UntrainableError, ExportError) as error:
            self.account.leave_out(rival.name, str(error))
            return None
        return self._judged(rival.name, turn, rival)

    def _try_bundled(self, turn: Turn) -> Trial:
        settings = replace(self.settings, budget_seconds=turn.seconds)
        train_detector(
            self.split.learnt_from, self.labels, turn.directory, settings, turn.while_learning
        )
        return self._judged(BUNDLED, turn, None)

    def _judged(self, name: str, turn: Turn, candidate: HubCandidate | None) -> Trial:
        held_out, threads = self.split.held_out, self.settings.threads
        judgement = judge_artefact(
            turn.directory, self.labels, held_out, threads, turn.while_judged
        )
        seconds = time.monotonic() - turn.began
        trial = Trial(name, judgement, seconds, turn.directory, candidate)
        self.account.add(trial)
        return trial


def planned_words(rivals: Sequence[HubCandidate], split: SplitPictures) -> str:
    """For whoever waits for the training."""
    names = ", ".join(called(rival.name) for rival in rivals)
    learnt_from, held_out = len(split.learnt_from), len(split.held_out)
    return (
        f"{names} and the bundled detector, each learning from {learnt_from} pictures and "
        f"judged by {held_out} others; then the best, with all {learnt_from + held_out}"
    )


def in_phase(phase: str, report: OnProgress) -> OnProgress:
    """One training among several: its plan is not the plan of all."""

    def told(progress: Progress) -> None:
        if progress.phase != "planning":
            report(replace(progress, phase=phase))

    return told
