"""The model of a run: found by name, started and stopped on demand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console

from lensmith.cli.detect.failure import DetectError
from lensmith.domain.arn import ProjectVersionArn
from lensmith.domain.project_version import VersionStatus
from lensmith.exchange.failure import service_errors

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import ProjectVersionDescriptionTypeDef

_POLL_SECONDS = 0.2
_STOPPABLE = frozenset({VersionStatus.STARTING, VersionStatus.RUNNING})


@dataclass(frozen=True, slots=True)
class Model:
    """One version of a project."""

    project: str
    version: str
    project_arn: str
    arn: str

    def __str__(self) -> str:
        return f"{self.project}/{self.version}"


def find_model(rekognition: RekognitionClient, text: str) -> Model:
    """Find a version by `PROJECT/VERSION` or its ARN; raises DetectError if it does not exist."""
    arn = ProjectVersionArn.parse(text)
    project, _, version = (
        text.partition("/") if arn is None else (arn.project_name, "/", arn.version_name)
    )
    if not project or not version or "/" in version:
        raise DetectError(f"{text} is no model; write PROJECT/VERSION or the ARN of a version.")
    with service_errors(f"look for {project}"):
        projects = rekognition.describe_projects(ProjectNames=[project])["ProjectDescriptions"]
    if not projects:
        raise DetectError(f"There is no project {project}.")
    found = _describe(rekognition, projects[0]["ProjectArn"], version)
    if found is None or (arn is not None and found["ProjectVersionArn"] != text):
        raise DetectError(f"There is no version {version} of {project}.")
    return Model(project, version, projects[0]["ProjectArn"], found["ProjectVersionArn"])


@contextmanager
def running(
    rekognition: RekognitionClient, model: Model, console: Console, *, start: bool
) -> Iterator[int]:
    """Yield the maximum of inference units of the running model.

    `start` starts a model that does not run, and stops it in the end. Raises DetectError
    for a model that does not run, or does not come up.
    """
    status = _status(rekognition, model)
    is_ours = start and status.can_start
    if is_ours:
        with service_errors(f"start {model}"):
            rekognition.start_project_version(ProjectVersionArn=model.arn, MinInferenceUnits=1)
        status = VersionStatus.STARTING
    try:
        if status is VersionStatus.STARTING:
            with console.status(f"Starting {model}"):
                status = _status_after_start(rekognition, model)
        if status is not VersionStatus.RUNNING:
            raise DetectError(_not_running(model, status))
        yield _units(rekognition, model)
    finally:
        if is_ours:
            _stop(rekognition, model)


def _status_after_start(rekognition: RekognitionClient, model: Model) -> VersionStatus:
    while (status := _status(rekognition, model)) is VersionStatus.STARTING:
        time.sleep(_POLL_SECONDS)
    return status


def _stop(rekognition: RekognitionClient, model: Model) -> None:
    if _status(rekognition, model) in _STOPPABLE:
        with service_errors(f"stop {model}"):
            rekognition.stop_project_version(ProjectVersionArn=model.arn)


def _not_running(model: Model, status: VersionStatus) -> str:
    said = f"{model} does not run, it is {status.value}."
    if not status.can_start:
        return said
    return (
        f"{said} Start it, or let --start do it for as long as this takes: "
        f"aws rekognition start-project-version --min-inference-units 1 "
        f"--project-version-arn {model.arn}"
    )


def _status(rekognition: RekognitionClient, model: Model) -> VersionStatus:
    return VersionStatus(_described(rekognition, model)["Status"])


def _units(rekognition: RekognitionClient, model: Model) -> int:
    described = _described(rekognition, model)
    return described.get("MaxInferenceUnits") or described.get("MinInferenceUnits") or 1


def _described(rekognition: RekognitionClient, model: Model) -> ProjectVersionDescriptionTypeDef:
    found = _describe(rekognition, model.project_arn, model.version)
    if found is None:
        raise DetectError(f"{model} was deleted.")
    return found


def _describe(
    rekognition: RekognitionClient, project_arn: str, version: str
) -> ProjectVersionDescriptionTypeDef | None:
    with service_errors(f"look for version {version}"):
        found = rekognition.describe_project_versions(
            ProjectArn=project_arn, VersionNames=[version]
        )["ProjectVersionDescriptions"]
    return found[0] if found else None
