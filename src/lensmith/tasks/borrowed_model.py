"""A model that a task needs running: started if it does not run, and stopped afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lensmith.domain.arn import ProjectVersionArn
from lensmith.domain.job_errors import SupersededError
from lensmith.domain.project_version import VersionStatus
from lensmith.tasks.process import TaskError

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import ProjectVersionDescriptionTypeDef

_PAUSE_SECONDS = 0.3
_UNDER_WAY = frozenset({VersionStatus.STARTING, VersionStatus.STOPPING})
_STOPPABLE = frozenset({VersionStatus.STARTING, VersionStatus.RUNNING})


@contextmanager
def running(
    rekognition: RekognitionClient,
    project_arn: str,
    version_arn: str,
    *,
    mark: Path,
    waiting: Callable[[], None],
) -> Iterator[int]:
    """Yield the inference units of the model once it runs.

    `mark` is a file that says that the model was started here, also to a later attempt of an
    interrupted task. `waiting` is called while the model comes up, and may raise.
    Raises TaskError for a model that does not come up, and botocore's ClientError.
    """
    try:
        yield _bring_up(rekognition, project_arn, version_arn, mark, waiting)
    except SupersededError:  # the task goes on elsewhere, with the model
        raise
    except Exception:  # an interruption (SystemExit) goes on with the model later
        give_back(rekognition, project_arn, version_arn, mark)
        raise
    give_back(rekognition, project_arn, version_arn, mark)


def give_back(
    rekognition: RekognitionClient, project_arn: str, version_arn: str, mark: Path
) -> None:
    """Stop the model if it was started here."""
    if not mark.exists():
        return
    found = _find(rekognition, project_arn, version_arn)
    if found is not None and VersionStatus(found["Status"]) in _STOPPABLE:
        rekognition.stop_project_version(ProjectVersionArn=version_arn)
    mark.unlink()


def _bring_up(
    rekognition: RekognitionClient,
    project_arn: str,
    version_arn: str,
    mark: Path,
    waiting: Callable[[], None],
) -> int:
    while True:
        found = _find(rekognition, project_arn, version_arn)
        if found is None:
            raise TaskError("ResourceNotFoundException", "The model was deleted.")
        status = VersionStatus(found["Status"])
        if status is VersionStatus.RUNNING:
            return found.get("MaxInferenceUnits") or found.get("MinInferenceUnits") or 1
        if status.can_start and (status is not VersionStatus.FAILED or not mark.exists()):
            mark.touch()
            rekognition.start_project_version(ProjectVersionArn=version_arn, MinInferenceUnits=1)
        elif status not in _UNDER_WAY:
            raise TaskError("MODEL_NOT_RUNNING", found.get("StatusMessage", status.value))
        waiting()
        time.sleep(_PAUSE_SECONDS)


def _find(
    rekognition: RekognitionClient, project_arn: str, version_arn: str
) -> ProjectVersionDescriptionTypeDef | None:
    arn = ProjectVersionArn.parse(version_arn)
    assert arn is not None
    found = rekognition.describe_project_versions(
        ProjectArn=project_arn, VersionNames=[arn.version_name]
    )["ProjectVersionDescriptions"]
    return next((each for each in found if each["ProjectVersionArn"] == version_arn), None)
