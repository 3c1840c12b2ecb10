"""A project: the name that datasets and project versions belong to (api.md 3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ProjectStatus(StrEnum):
    CREATING = "CREATING"
    CREATED = "CREATED"
    DELETING = "DELETING"


@dataclass(frozen=True, slots=True)
class Project:
    id: int  # row in the records; never leaves the server
    arn: str
    account_id: str
    region: str
    name: str  # unique per account and region until deletion has ended
    created_ms: int  # epoch milliseconds, equals the ARN's last part
    status: ProjectStatus


@dataclass(frozen=True, slots=True)
class ProjectPolicy:
    """A policy attached to a project, in its latest revision."""

    id: int  # row in the records, in order of creation
    project_id: int
    name: str  # unique in the project
    document: str  # as its owner wrote it
    revision_id: str  # 32 hexadecimal digits, new with every change
    created_ms: int
    updated_ms: int
