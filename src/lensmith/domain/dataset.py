"""A dataset: the entries a project trains on or is tested with (api.md 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DatasetType(StrEnum):
    TRAIN = "TRAIN"
    TEST = "TEST"


class DatasetStatus(StrEnum):
    CREATE_IN_PROGRESS = "CREATE_IN_PROGRESS"
    CREATE_COMPLETE = "CREATE_COMPLETE"
    CREATE_FAILED = "CREATE_FAILED"
    UPDATE_IN_PROGRESS = "UPDATE_IN_PROGRESS"
    UPDATE_COMPLETE = "UPDATE_COMPLETE"
    UPDATE_FAILED = "UPDATE_FAILED"
    DELETE_IN_PROGRESS = "DELETE_IN_PROGRESS"

    @property
    def has_content(self) -> bool:
        """True when the entries are complete and nothing is changing them."""
        return self in _WITH_CONTENT

    @property
    def is_moving(self) -> bool:
        """True while a job changes the dataset."""
        return self in _MOVING


_WITH_CONTENT = frozenset(
    {DatasetStatus.CREATE_COMPLETE, DatasetStatus.UPDATE_COMPLETE, DatasetStatus.UPDATE_FAILED}
)
_MOVING = frozenset(
    {
        DatasetStatus.CREATE_IN_PROGRESS,
        DatasetStatus.UPDATE_IN_PROGRESS,
        DatasetStatus.DELETE_IN_PROGRESS,
    }
)


class StatusMessageCode(StrEnum):
    SUCCESS = "SUCCESS"
    SERVICE_ERROR = "SERVICE_ERROR"
    CLIENT_ERROR = "CLIENT_ERROR"


@dataclass(frozen=True, slots=True)
class DatasetStats:
    """`DatasetStats` of DescribeDataset (manifests.md 6)."""

    total_entries: int = 0
    labeled_entries: int = 0
    total_labels: int = 0
    error_entries: int = 0


@dataclass(frozen=True, slots=True)
class Dataset:
    id: int
    arn: str
    project_id: int
    type: DatasetType
    status: DatasetStatus
    status_message: str
    status_code: StatusMessageCode
    created_ms: int
    updated_ms: int
    stats: DatasetStats
