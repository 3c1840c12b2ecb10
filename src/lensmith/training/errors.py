"""Errors that end a training, or the trial of a candidate, without a model."""

from __future__ import annotations

from lensmith.domain.errors import LensmithError
from lensmith.domain.training_report import Skipped, SkipReason


class TrainingError(LensmithError):
    """A model cannot be trained; the message is fit for a StatusMessage."""

    def __init__(self, skipped: Skipped, message: str) -> None:
        self.skipped = skipped  # for the report, if it was only a candidate
        super().__init__(message)


class DivergedError(TrainingError):
    """The loss of a training was not a finite number."""

    def __init__(self, iteration: int) -> None:
        self.iteration = iteration
        super().__init__(
            Skipped(SkipReason.DIVERGED, number=iteration),
            f"The training diverged: its loss was not a finite number at iteration {iteration}. "
            "Correct images and bounding boxes that do not show their label, or set "
            "LENSMITH_DETECTOR_SIZE=small, then train a new version.",
        )


class TooSlowError(TrainingError):
    """A training needs more seconds than it may take."""

    def __init__(self, needed: float, allowed: float) -> None:
        super().__init__(
            Skipped(SkipReason.TOO_SLOW, number=round(needed), limit=round(allowed)),
            f"The training needs about {needed:.0f} seconds and may take {allowed:.0f}. "
            "Set a larger LENSMITH_TRAINING_BUDGET, then train a new version.",
        )


class ExportError(TrainingError):
    """The outputs of the exported model differ from those of the trained one."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            Skipped(SkipReason.EXPORT, detail=detail),
            f"The exported model differs from the trained one: {detail} Train a new version.",
        )
