"""Facts from the report of a detector's training."""

from __future__ import annotations

from lensmith.domain.training_report import TrainingReport

UNKNOWN = "-"


def iterations_of(report: TrainingReport) -> int:
    return report.detector.iterations if report.detector is not None else 0


def ending_of(report: TrainingReport) -> str:
    """Code of the reason why the training ended."""
    if report.detector is None or report.detector.ending is None:
        return UNKNOWN
    return report.detector.ending.value
