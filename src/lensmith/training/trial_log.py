"""Collects the plan, trials, skipped candidates and choice of a training."""

from __future__ import annotations

from lensmith.domain.training_report import Choice, Skipped, TrainingPlan, Trial


class TrialLog:
    """Filled during training; becomes part of the training report."""

    def __init__(self) -> None:
        self.plan: TrainingPlan | None = None
        self.trials: list[Trial] = []
        self.skipped: list[Skipped] = []
        self.choice: Choice | None = None

    def leave_out(self, skipped: Skipped) -> None:
        """Note a candidate that was not tried, or not to its end."""
        self.skipped.append(skipped)
