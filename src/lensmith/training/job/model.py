"""Fits, evaluates and publishes the model of valid manifests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from lensmith.domain.clock import now_ms
from lensmith.domain.job import Progress
from lensmith.domain.project_version import ResultFile
from lensmith.domain.training_phase import TrainingPhase
from lensmith.domain.training_report import MachineShare
from lensmith.evaluation.ground_truth import training_snapshot
from lensmith.evaluation.summary import EvaluatedVersion, encode_summary
from lensmith.inference.artefact import Artefact, Task
from lensmith.manifest.training.use_case import UseCase
from lensmith.manifest.training.verdict import Verdict
from lensmith.training.data.example import Example
from lensmith.training.job import evaluation_files, outcome, workspace
from lensmith.training.job.attempt import Attempt
from lensmith.training.job.evaluation import Assessment
from lensmith.training.job.images import CopiedImages
from lensmith.training.job.machine import CoresUsed, machine_share
from lensmith.training.job.robustness import seconds_kept, with_robustness
from lensmith.training.job.usable_images import UsableImage, example, known_only, usable_images
from lensmith.training.job.variants import EvaluatedVariant, evaluate_variants, reported
from lensmith.training.settings import TrainingSettings
from lensmith.training.trainers import ChooseTrainer, Trainer

_TASKS = {
    UseCase.IMAGE_LEVEL_LABELS: Task.CLASSIFICATION,
    UseCase.OBJECT_LOCALIZATION: Task.DETECTION,
}


def make_model(
    attempt: Attempt, verdict: Verdict, images: CopiedImages, choose_trainer: ChooseTrainer
) -> None:
    """Train on the usable images, evaluate every variant, publish, and complete the version.

    Raises TrainingError.
    """
    assert verdict.testing is not None
    task = _TASKS[verdict.use_case]
    training = usable_images(verdict.training, images)
    testing = known_only(usable_images(verdict.testing, images), set(verdict.labels))
    is_on_cluster = bool(attempt.settings.cluster)
    share = machine_share(attempt.records, attempt.job, is_on_cluster=is_on_cluster)
    attempt.on_progress(Progress(TrainingPhase.PLANNING, machine=share))
    used = CoresUsed()
    _fit(attempt, choose_trainer(task), _examples(training, verdict.labels, task), verdict.labels)
    share = used.added_to(share)
    version = EvaluatedVersion(
        attempt.version.arn, len(training), len(testing), ended=datetime.now(UTC)
    )
    evaluated = evaluate_variants(
        attempt.workspace.artefact,
        training,
        testing,
        version,
        attempt.settings.training_threads,
        attempt.on_progress,
        attempt.settings.precision,
    )
    artefact = Artefact.read(attempt.workspace.artefact)
    served = with_robustness(
        reported(evaluated, artefact, attempt.settings.precision),
        attempt.workspace.artefact,
        artefact,
        testing,
        attempt.settings.training_threads,
        seconds=seconds_kept(_budget(attempt)),
    )
    _describe_model(attempt, artefact, evaluated, served, share)
    _write_results(attempt, served.assessment, served.version, training)
    evaluation_files.write(attempt.workspace.artefact, served.report, served.assessment.images())
    artefact_digest = attempt.folders.publish(workspace.finished_artefact(attempt.workspace))
    outcome.complete(
        attempt.records,
        attempt.job,
        attempt.results.keys,
        served.assessment.evaluation.f1_score,
        _seconds(attempt),
        artefact_digest,
    )


def _examples(images: Sequence[UsableImage], labels: Sequence[str], task: Task) -> list[Example]:
    numbers = {label: number for number, label in enumerate(labels)}
    return [example(image, numbers, task) for image in images]


def _fit(
    attempt: Attempt, trainer: Trainer, examples: Sequence[Example], labels: Sequence[str]
) -> None:
    """Train, export, and leave the artefact in the workspace."""
    attempt.on_progress(Progress(TrainingPhase.TRAINING))
    budget = _budget(attempt)
    settings = TrainingSettings(
        threads=attempt.settings.training_threads,
        budget_seconds=budget and budget - seconds_kept(budget),
        detector_size=attempt.settings.detector_size,
        backbones=attempt.settings.backbones,
    )
    trainer(examples, labels, attempt.workspace.artefact, settings, attempt.on_progress)


def _budget(attempt: Attempt) -> float | None:
    """Return the seconds of this training, or those of every training."""
    requested: float | None = attempt.job.payload.get("budget_seconds")
    return requested or attempt.settings.training_budget_seconds or None


def _describe_model(
    attempt: Attempt,
    artefact: Artefact,
    evaluated: Sequence[EvaluatedVariant],
    served: EvaluatedVariant,
    share: MachineShare,
) -> None:
    """Complete model.json: assumed thresholds, variants, and what the model comes from."""
    report = replace(
        artefact.report,
        seconds=_seconds(attempt),
        machine=share,
        training_images=served.report.training_images,
        testing_images=served.report.testing_images,
        labels=len(artefact.labels),
        f1_score=served.report.f1_score,
        average_precision=served.report.average_precision,
        expected_calibration_error=served.report.calibration.expected_error,
    )
    variants = tuple(one.variant for one in evaluated)
    replace(artefact, thresholds=variants[0].thresholds, report=report, variants=variants).write(
        attempt.workspace.artefact
    )


def _write_results(
    attempt: Attempt,
    assessment: Assessment,
    version: EvaluatedVersion,
    training: Sequence[UsableImage],
) -> None:
    """Write the evaluation summary and both ground-truth snapshots (evaluation.md 3, 4)."""
    attempt.on_progress(Progress(TrainingPhase.RESULTS))
    summary = encode_summary(assessment.evaluation, version)
    attempt.results.write(ResultFile.EVALUATION_SUMMARY, [summary])
    truths = (image.truth for image in training)
    attempt.results.write(ResultFile.TRAINING_GROUND_TRUTH, training_snapshot(truths))
    attempt.results.write(ResultFile.TESTING_GROUND_TRUTH, assessment.snapshot(version.ended))


def _seconds(attempt: Attempt) -> int:
    """Return the seconds since this attempt began, rounded up."""
    began = attempt.job.started_ms or attempt.job.created_ms
    return math.ceil((now_ms() - began) / 1000)
