"""A project version: one trained model and its life from training to deletion (api.md 3.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class VersionStatus(StrEnum):
    TRAINING_IN_PROGRESS = "TRAINING_IN_PROGRESS"
    TRAINING_COMPLETED = "TRAINING_COMPLETED"
    TRAINING_FAILED = "TRAINING_FAILED"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    FAILED = "FAILED"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    DELETING = "DELETING"
    COPYING_IN_PROGRESS = "COPYING_IN_PROGRESS"
    COPYING_COMPLETED = "COPYING_COMPLETED"
    COPYING_FAILED = "COPYING_FAILED"

    @property
    def can_start(self) -> bool:
        return self in _STARTABLE

    @property
    def can_delete(self) -> bool:
        """True where DeleteProjectVersion is accepted, a repeated call included."""
        return self in _DELETABLE

    @property
    def has_model(self) -> bool:
        """True when training has ended well, whatever came after it."""
        return self in _STARTABLE or self in HOSTED

    @property
    def is_hosted(self) -> bool:
        """True while inference units exist or are wanted."""
        return self in HOSTED


_STARTABLE = frozenset(
    {
        VersionStatus.TRAINING_COMPLETED,
        VersionStatus.COPYING_COMPLETED,
        VersionStatus.STOPPED,
        VersionStatus.FAILED,
    }
)
_DELETABLE = _STARTABLE | {
    VersionStatus.TRAINING_FAILED,
    VersionStatus.COPYING_FAILED,
    VersionStatus.DELETING,
}
STARTED = frozenset({VersionStatus.STARTING, VersionStatus.RUNNING})
"""States in which inference units are wanted."""

HOSTED = STARTED | {VersionStatus.STOPPING}
"""States in which inference units exist or are wanted."""

STATUS_MESSAGES = {
    VersionStatus.TRAINING_IN_PROGRESS: "The model is being trained.",
    VersionStatus.TRAINING_COMPLETED: "The model is ready to run.",
    VersionStatus.STARTING: "The model is starting.",
    VersionStatus.RUNNING: "The model is running.",
    VersionStatus.STOPPING: "The model is stopping.",
    VersionStatus.STOPPED: "The model has stopped running.",
    VersionStatus.DELETING: "The model is being deleted.",
    VersionStatus.COPYING_IN_PROGRESS: "The model is being copied.",
    VersionStatus.COPYING_COMPLETED: "The model was copied and is ready to run.",
}
"""StatusMessage of every state that needs no reason (api.md 3.3)."""

SERVICE_FAULT = "Amazon Rekognition experienced a service issue."
"""StatusMessage of a training or copy that failed through our fault (manifests.md 3.1)."""


@dataclass(frozen=True, slots=True)
class ProjectVersion:
    id: int
    arn: str
    project_id: int
    name: str
    status: VersionStatus
    status_message: str
    created_ms: int
    output_bucket: str
    output_prefix: str
    kms_key_id: str | None = None
    description: str | None = None
    training_input: dict[str, Any] = field(default_factory=dict)  # TrainingData as sent, or {}
    testing_input: dict[str, Any] = field(
        default_factory=dict
    )  # TestingData as sent, or AutoCreate
    training_end_ms: int | None = None
    billable_seconds: int | None = None
    f1_score: float | None = None
    result_files: dict[str, str] = field(default_factory=dict)  # ResultFile value -> S3 key
    min_units: int | None = None
    max_units: int | None = None
    source_version_arn: str | None = None
    own_thresholds: dict[str, float] | None = None  # label -> 0..1, instead of those of training
    artefact: str | None = None  # digest of the model's published folder; None: in models/<id>


class ResultFile(StrEnum):
    """A file written under OutputConfig (manifests.md 5, evaluation.md 3, 4)."""

    EVALUATION_SUMMARY = "EvaluationResultSummary"
    MANIFEST_SUMMARY = "ManifestSummary"
    TRAINING_GROUND_TRUTH = "TrainingGroundTruth"
    TESTING_GROUND_TRUTH = "TestingGroundTruth"
    TRAINING_VALIDATION = "TrainingManifestWithValidation"
    TESTING_VALIDATION = "TestingManifestWithValidation"

    def key(self, prefix: str, project_name: str, version_name: str) -> str:
        """Return the S3 key under `prefix`, joined by exactly one slash, none when it is empty."""
        name = f"{self.value}-{project_name}-{version_name}.json"
        trimmed = prefix.rstrip("/")
        return f"{trimmed}/{name}" if trimmed else name
