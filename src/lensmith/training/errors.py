"""Errors that end a training without a model."""

from __future__ import annotations

from lensmith.domain.errors import LensmithError


class TrainingError(LensmithError):
    """A training cannot make a model; the message is fit for a StatusMessage."""


class DivergedError(TrainingError):
    """The loss of a training was not a finite number."""

    def __init__(self, iteration: int) -> None:
        self.iteration = iteration
        super().__init__(
            f"The training diverged: its loss was not a finite number at iteration {iteration}. "
            "Correct images and bounding boxes that do not show their label, or set "
            "LENSMITH_DETECTOR_SIZE=small, then train a new version."
        )


class UntrainableError(TrainingError):
    """A candidate could not be trained; the message says why."""
