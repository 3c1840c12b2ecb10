"""Amazon Resource Names of projects, datasets and project versions (api.md 1.6, 4.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from lensmith.domain.dataset import DatasetType

_NAME = r"[a-zA-Z0-9_.\-]{1,255}"
_OWNER = r"arn:(?P<partition>[a-z\d-]+):rekognition:(?P<region>[a-z\d-]+):(?P<account>\d{12})"
_PREFIX = rf"{_OWNER}:project/(?P<project>{_NAME})"
_PROJECT = re.compile(rf"{_PREFIX}/(?P<stamp>[0-9]+)", re.ASCII)
_DATASET = re.compile(rf"{_PREFIX}/dataset/(?P<type>train|test)/(?P<stamp>[0-9]+)", re.ASCII)
_VERSION = re.compile(rf"{_PREFIX}/version/(?P<version>{_NAME})/(?P<stamp>[0-9]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class ProjectArn:
    """`arn:<partition>:rekognition:<region>:<account>:project/<name>/<ms>`."""

    region: str
    account_id: str
    project_name: str
    stamp: int  # creation time, epoch milliseconds
    partition: str = "aws"

    def __str__(self) -> str:
        return f"{_prefix(self)}/{self.stamp}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the ARN in `text`, or None when it is not a project ARN."""
        match = _PROJECT.fullmatch(text)
        if match is None:
            return None
        part = match.groupdict()
        return cls(
            part["region"], part["account"], part["project"], int(part["stamp"]), part["partition"]
        )


@dataclass(frozen=True, slots=True)
class DatasetArn:
    """`…:project/<name>/dataset/{train|test}/<ms>`."""

    region: str
    account_id: str
    project_name: str
    dataset_type: DatasetType
    stamp: int
    partition: str = "aws"

    def __str__(self) -> str:
        return f"{_prefix(self)}/dataset/{self.dataset_type.value.lower()}/{self.stamp}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the ARN in `text`, or None when it is not a dataset ARN."""
        match = _DATASET.fullmatch(text)
        if match is None:
            return None
        part = match.groupdict()
        return cls(
            part["region"],
            part["account"],
            part["project"],
            DatasetType(part["type"].upper()),
            int(part["stamp"]),
            part["partition"],
        )


@dataclass(frozen=True, slots=True)
class ProjectVersionArn:
    """`…:project/<name>/version/<version name>/<ms>`."""

    region: str
    account_id: str
    project_name: str
    version_name: str
    stamp: int
    partition: str = "aws"

    def __str__(self) -> str:
        return f"{_prefix(self)}/version/{self.version_name}/{self.stamp}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the ARN in `text`, or None when it is not a project version ARN."""
        match = _VERSION.fullmatch(text)
        if match is None:
            return None
        part = match.groupdict()
        return cls(
            part["region"],
            part["account"],
            part["project"],
            part["version"],
            int(part["stamp"]),
            part["partition"],
        )


def version_arn_prefix(project: ProjectArn) -> str:
    """Return how the ARN of every version of a project begins."""
    return f"{_prefix(project)}/version/"


def _prefix(arn: ProjectArn | DatasetArn | ProjectVersionArn) -> str:
    return (
        f"arn:{arn.partition}:rekognition:{arn.region}:{arn.account_id}:project/{arn.project_name}"
    )
