"""Work that outlives the request that asked for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lensmith.domain.training_report import MachineShare, TrainingPlan


class JobKind(StrEnum):
    CREATE_DATASET = "create-dataset"
    UPDATE_DATASET = "update-dataset"
    DISTRIBUTE_DATASET = "distribute-dataset"
    DELETE_DATASET = "delete-dataset"
    DELETE_PROJECT = "delete-project"
    DELETE_VERSION = "delete-version"
    COPY_VERSION = "copy-version"
    CHANGE_STACK = "change-stack"
    CHECK_HEALTH = "check-health"
    RENAME_LABEL = "rename-label"
    REMOVE_LABEL = "remove-label"
    IMPORT_DATASET = "import-dataset"
    SUGGEST_LABELS = "suggest-labels"
    PREDICT_REVIEW = "predict-review"
    WRITE_REVIEW = "write-review"
    ANALYZE_FOLDER = "analyze-folder"
    CREATE_EXAMPLE = "create-example"
    TRAIN = "train"


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: shown by the CLI and the console, never sent on the AWS wire."""

    phase: str  # a code; of a training a TrainingPhase
    step: int = 0
    steps: int = 0  # 0 when unknown
    loss: float | None = None
    metric: float | None = None
    eta_seconds: float | None = None
    budget_seconds: float | None = None  # that the whole work may take, known once it is planned
    plan: TrainingPlan | None = None  # likewise
    machine: MachineShare | None = None  # of a training, likewise
    trial: int | None = None  # number of a phase that comes more than once, from 1
    trials: int | None = None  # how many there will be, where it is known


OnProgress = Callable[[Progress], None]
"""Callback for each progress report."""


@dataclass(frozen=True, slots=True)
class TrainingPoint:
    """One point of a training's curves."""

    seconds: float  # of training so far, over every attempt
    phase: str
    step: int
    loss: float | None
    metric: float | None
    trial: int | None = None  # as in Progress


@dataclass(frozen=True, slots=True)
class Job:
    id: int
    kind: JobKind
    resource_arn: str
    caller_arn: str
    access_key_id: str  # S3 is read and written with this key's rights
    payload: dict[str, Any]
    status: JobStatus
    attempts: int
    fence: int  # raised whenever a process takes the job; who has an older one writes nothing
    owner: str | None  # the server whose process has it; None while it is queued
    pid: int | None
    progress: Progress | None
    error: str | None
    created_ms: int
    started_ms: int | None
    finished_ms: int | None
