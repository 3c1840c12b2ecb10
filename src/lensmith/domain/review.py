"""Reviews: a person verifies a model's predictions, picture by picture (console.md 4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ImageState(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"  # the answer is the prediction
    CORRECTED = "corrected"
    REJECTED = "rejected"  # the picture is of no use; no line is written
    SKIPPED = "skipped"  # left for another time
    UNREADABLE = "unreadable"  # the model could not read the picture


VERIFIED = frozenset({ImageState.CONFIRMED, ImageState.CORRECTED})
"""States of pictures whose answer becomes a line of the manifest."""


@dataclass(frozen=True, slots=True)
class Review:
    """One run of the feedback loop."""

    id: int
    token: str  # names it in paths and in the job-name of its lines
    project_id: int
    version_arn: str
    version_id: int
    version_name: str
    task: str  # classification | detection
    labels: tuple[str, ...]  # of the model
    created_ms: int
    created_by: str  # ARN
    source: dict[str, Any]  # {"kind": "dataset" | "prefix" | "captured", ...}
    sample: str  # all | uncertain | random
    limit: int
    min_confidence: float | None  # percent; None: each label's assumed threshold
    job_id: int | None  # the newest job that predicts
    output: dict[str, Any] | None  # of the newest manifest

    @property
    def job_name(self) -> str:
        """Return the job-name of the lines that it writes."""
        return f"{JOB_PREFIX}{self.token}"


JOB_PREFIX = "feedback/"
"""Begin the job-name of every annotation that was verified from a model's prediction."""
