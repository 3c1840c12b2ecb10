"""Waiting for a version to reach a state."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lensmith.cli.project.lookup import find_version
from lensmith.domain.errors import LensmithError

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

_POLL_SECONDS = 0.1


def wait_while(rekognition: RekognitionClient, project: str, version: str, status: str) -> str:
    """Wait until the version leaves a status; return the next one.

    Raises LensmithError with the service's reason when that is a failure.
    """
    described = find_version(rekognition, project, version)
    while described["Status"] == status:
        time.sleep(_POLL_SECONDS)
        described = find_version(rekognition, project, version)
    if described["Status"].endswith("FAILED"):
        reason = described.get("StatusMessage", "")
        raise LensmithError(f"{project} {version} is {described['Status']}: {reason}")
    return described["Status"]
