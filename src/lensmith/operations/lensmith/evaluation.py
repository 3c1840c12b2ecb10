"""Evaluation results of a version beyond its summary file, served under /_lensmith/."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from lensmith.domain.errors import ResourceNotFoundException, ResourceNotReadyException
from lensmith.domain.project_version import ProjectVersion
from lensmith.domain.readable import Folder
from lensmith.evaluation.advice import Advice, advise
from lensmith.evaluation.report import EvaluationReport
from lensmith.operations.call import Service
from lensmith.operations.lensmith.version_training import training_report
from lensmith.store.published.model import reading_model
from lensmith.store.records import project_versions
from lensmith.store.unreadable_folder import FolderMissingError, UnreadableFolderError
from lensmith.training.job import evaluation_files
from lensmith.training.job.comparison import Comparison, compare
from lensmith.training.job.evaluation_files import ImagePage, ImageQuery, MissingEvaluationError

_TOO_OLD = (
    "This version was trained before evaluation reports were kept. Train a new version to get one"
)


def evaluation_report(service: Service, version: ProjectVersion) -> bytes:
    """Read a lensmith.evaluation.report.EvaluationReport as JSON.

    Raises ResourceNotReadyException for a version without a model, or older than such reports.
    """
    with _artefact(service, version) as directory:
        return evaluation_files.read_report(directory)


def advice(service: Service, version: ProjectVersion) -> list[Advice]:
    """List warnings and advice about a version; raises as `evaluation_report` does."""
    report = msgspec.json.decode(evaluation_report(service, version), type=EvaluationReport)
    return advise(report, training_report(service, version))


def evaluated_images(service: Service, version: ProjectVersion, query: ImageQuery) -> ImagePage:
    """Read test images with their predictions; raises as `evaluation_report` does."""
    with _artefact(service, version) as directory:
        return evaluation_files.read_images(directory, query)


def compare_versions(
    service: Service, version: ProjectVersion, other: ProjectVersion
) -> Comparison:
    """Compare a version with another on shared test images; raises as `evaluation_report` does."""
    with _artefact(service, version) as directory, _artefact(service, other) as before:
        return compare(directory, before)


@contextmanager
def _artefact(service: Service, version: ProjectVersion) -> Iterator[Folder]:
    if not version.status.has_model:
        raise ResourceNotReadyException(f"Project version is in state {version.status.value}.")
    try:
        with reading_model(service.settings, service.records, version) as folder:
            yield folder
    except (MissingEvaluationError, FolderMissingError) as error:
        with service.records.read() as connection:
            current = project_versions.find(connection, version.arn)
        if current is None or not current.status.has_model:  # deleted at this moment
            raise ResourceNotFoundException(version.arn) from error
        reason = _TOO_OLD if isinstance(error, MissingEvaluationError) else str(error)
        raise ResourceNotReadyException(reason) from error
    except UnreadableFolderError as error:
        raise ResourceNotReadyException(str(error)) from error
