"""Stacks of CloudFormation: their resources, events and change sets."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

STACK_TYPE = "AWS::CloudFormation::Stack"


class StackStatus(StrEnum):
    REVIEW_IN_PROGRESS = "REVIEW_IN_PROGRESS"
    CREATE_IN_PROGRESS = "CREATE_IN_PROGRESS"
    CREATE_COMPLETE = "CREATE_COMPLETE"
    CREATE_FAILED = "CREATE_FAILED"
    ROLLBACK_IN_PROGRESS = "ROLLBACK_IN_PROGRESS"
    ROLLBACK_COMPLETE = "ROLLBACK_COMPLETE"
    ROLLBACK_FAILED = "ROLLBACK_FAILED"
    UPDATE_IN_PROGRESS = "UPDATE_IN_PROGRESS"
    UPDATE_CLEANUP = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
    UPDATE_COMPLETE = "UPDATE_COMPLETE"
    UPDATE_ROLLBACK_IN_PROGRESS = "UPDATE_ROLLBACK_IN_PROGRESS"
    UPDATE_ROLLBACK_COMPLETE = "UPDATE_ROLLBACK_COMPLETE"
    UPDATE_ROLLBACK_FAILED = "UPDATE_ROLLBACK_FAILED"
    DELETE_IN_PROGRESS = "DELETE_IN_PROGRESS"
    DELETE_COMPLETE = "DELETE_COMPLETE"
    DELETE_FAILED = "DELETE_FAILED"


UPDATABLE = frozenset(
    {
        StackStatus.CREATE_COMPLETE,
        StackStatus.UPDATE_COMPLETE,
        StackStatus.UPDATE_ROLLBACK_COMPLETE,
    }
)


class ResourceStatus(StrEnum):
    CREATE_IN_PROGRESS = "CREATE_IN_PROGRESS"
    CREATE_COMPLETE = "CREATE_COMPLETE"
    CREATE_FAILED = "CREATE_FAILED"
    UPDATE_IN_PROGRESS = "UPDATE_IN_PROGRESS"
    UPDATE_COMPLETE = "UPDATE_COMPLETE"
    UPDATE_FAILED = "UPDATE_FAILED"
    DELETE_IN_PROGRESS = "DELETE_IN_PROGRESS"
    DELETE_COMPLETE = "DELETE_COMPLETE"
    DELETE_FAILED = "DELETE_FAILED"
    DELETE_SKIPPED = "DELETE_SKIPPED"


class OnFailure(StrEnum):
    ROLLBACK = "ROLLBACK"
    DO_NOTHING = "DO_NOTHING"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Definition:
    """How a stack is wanted: its template with values."""

    template: str  # as it was sent
    document: dict[str, Any] = field(default_factory=dict)  # the same, parsed
    parameters: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stack:
    id: int
    arn: str
    account_id: str
    region: str
    name: str
    status: StackStatus
    reason: str | None
    description: str | None
    definition: Definition  # as it was last reached
    target: Definition | None  # where an operation is going
    outputs: list[dict[str, str]]
    capabilities: list[str]
    on_failure: OnFailure
    retained: list[str]  # resources that a deletion leaves
    change_set_arn: str | None  # that was executed last
    token: str | None  # of the request that began the operation
    created_ms: int
    updated_ms: int | None
    deleted_ms: int | None


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a stack, as it is."""

    logical_id: str
    type: str
    physical_id: str
    status: ResourceStatus
    reason: str | None
    properties: dict[str, Any]  # resolved
    attributes: dict[str, str]  # of GetAtt
    policy: str  # DeletionPolicy
    journal: Journal | None  # of the operation that is under way
    changed_ms: int

    @property
    def journal_kind(self) -> str | None:
        """The kind of the change that began, if one did."""
        return None if self.journal is None else self.journal.kind


@dataclass(frozen=True, slots=True)
class Journal:
    """A change that began, so that it can be continued or undone after a crash."""

    kind: str  # create, update, replace
    began_ms: int
    is_done: bool = False
    before: Former | None = None  # of update and replace
    replace_policy: str = "Delete"  # UpdateReplacePolicy


@dataclass(frozen=True, slots=True)
class Former:
    """A resource as it was before an operation."""

    physical_id: str
    properties: dict[str, Any]
    attributes: dict[str, str]
    policy: str
    status: str


@dataclass(frozen=True, slots=True)
class StackEvent:
    number: int
    event_id: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str | None
    properties: str | None
    token: str | None
    time_ms: int


@dataclass(frozen=True, slots=True)
class ChangeSet:
    id: int
    arn: str
    stack_arn: str
    name: str
    type: str  # CREATE, UPDATE
    description: str | None
    status: str  # CREATE_COMPLETE, FAILED
    reason: str | None
    execution: str  # AVAILABLE, UNAVAILABLE, EXECUTE_IN_PROGRESS, …
    definition: Definition
    changes: list[dict[str, Any]]
    capabilities: list[str]
    on_failure: OnFailure
    created_ms: int
