"""Runs one training, from manifests to a model that is ready to run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from lensmith.config import Settings
from lensmith.domain.errors import LensmithError, OutputNotWritable
from lensmith.domain.job_errors import JobCancelledError, SupersededError
from lensmith.domain.key_errors import KmsError
from lensmith.domain.project_version import SERVICE_FAULT
from lensmith.manifest.line.finding import Code, ManifestFileError
from lensmith.manifest.training.verdict import Verdict
from lensmith.store.records.engine import Records
from lensmith.store.sealed.folder import KeyUnusableError, open_sealed
from lensmith.training.errors import TrainingError
from lensmith.training.job import manifests, outcome, workspace
from lensmith.training.job.attempt import Attempt, read_job
from lensmith.training.job.manifests import Manifests
from lensmith.training.job.test_split import move_test_part
from lensmith.training.job.validation import validate, write_validation
from lensmith.training.trainers import ChooseTrainer, trainer_of

_log = structlog.get_logger(__name__)

_KEY_UNUSABLE = "The KMS key of the version cannot be used."


class UnfitManifestsError(LensmithError):
    """The manifests cannot train a model; the message is the version's StatusMessage."""


def run_job(
    settings: Settings,
    records: Records,
    job_id: int,
    fence: int,
    choose_trainer: ChooseTrainer = trainer_of,
) -> None:
    """Run a job claimed under a fence; every outcome is recorded in its version's status."""
    try:
        job = read_job(records, job_id, fence)
        _carry_out(Attempt.begin(settings, records, job), choose_trainer)
    # Its files belong to the process that has the job now, or to the launcher.
    except (JobCancelledError, SupersededError) as error:
        _log.info("training was taken away", reason=str(error))
        return
    workspace.discard_files(settings, records, job)


def _carry_out(attempt: Attempt, choose_trainer: ChooseTrainer) -> None:
    try:
        train_version(attempt, choose_trainer)
    except (JobCancelledError, SupersededError):
        raise
    except ManifestFileError as error:
        _fail(attempt, error.message, str(error))
    except OutputNotWritable as error:
        _fail(attempt, Code.OUTPUT_BUCKET_NOT_WRITABLE.message, str(error))
    except (KmsError, KeyUnusableError) as error:
        _fail(attempt, _KEY_UNUSABLE, str(error))
    except (UnfitManifestsError, TrainingError) as error:
        outcome.fail(
            attempt.records,
            attempt.job,
            str(error),
            error=str(error),
            result_files=attempt.results.keys,
        )
    except Exception as error:  # noqa: BLE001 - the edge of the process
        _log.exception("training failed", job=attempt.job.id)
        _fail(attempt, SERVICE_FAULT, f"{type(error).__name__}: {error}")


def _fail(attempt: Attempt, message: str, error: str) -> None:
    outcome.fail(attempt.records, attempt.job, message, error=error)


def train_version(attempt: Attempt, choose_trainer: ChooseTrainer) -> None:
    """Train, evaluate and publish a model.

    Raises ManifestFileError, UnfitManifestsError, TrainingError, or any other error for faults of
    the service.
    """
    attempt.workspace.make_empty()
    with _manifests(attempt) as sources:
        verdict, images = validate(attempt, sources)
        write_validation(attempt, verdict, sources)
    if verdict.status_message is not None:
        raise UnfitManifestsError(verdict.status_message)
    assert verdict.testing is not None
    _move_test_part(attempt, verdict)

    # Only now: what fits and evaluates takes a process of invalid manifests a tenth of its seconds.
    from lensmith.training.job.model import make_model

    make_model(attempt, verdict, images, choose_trainer)


@contextmanager
def _manifests(attempt: Attempt) -> Iterator[Manifests]:
    settings, records = attempt.settings, attempt.records
    payload = attempt.job.payload
    if payload["snapshot"] is not None:
        with workspace.using_snapshot(settings, attempt.folders, payload["snapshot"]) as snapshot:
            yield manifests.from_snapshot(open_sealed(settings, records, snapshot) or snapshot)
        return
    yield manifests.from_objects(
        attempt.objects,
        payload["training_manifest"],
        payload["testing_manifest"],
        attempt.workspace.manifests,
        attempt.settings.quotas.manifest_bytes,
    )


def _move_test_part(attempt: Attempt, verdict: Verdict) -> None:
    payload = attempt.job.payload
    if payload["move_split"] and verdict.testing is not None:
        moved = move_test_part(
            attempt.records,
            attempt.job,
            attempt.project,
            payload["train_dataset_arn"],
            verdict.testing,
        )
        _log.info("test part", moved=moved, lines=len(verdict.testing.lines))
