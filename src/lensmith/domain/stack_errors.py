"""Errors of CloudFormation, as its service model names them.

StackError
├── StackValidationError
│   └── TemplateError
├── StackExistsError
├── ChangeSetNotFoundError
└── InvalidChangeSetStatusError
"""

from __future__ import annotations

from typing import ClassVar

from lensmith.domain.errors import ServiceError


class StackError(ServiceError):
    """`code` is what clients of the Query protocol report."""

    code: ClassVar[str] = "InternalFailure"


class StackValidationError(StackError):
    code = "ValidationError"
    default = "The request is not valid."


class TemplateError(StackValidationError):
    """The template cannot be read or carried out; the message names every fault."""


class StackExistsError(StackError):
    code = "AlreadyExistsException"
    default = "The stack exists."


class ChangeSetNotFoundError(StackError):
    code = "ChangeSetNotFound"
    status = 404
    default = "The change set does not exist."


class InvalidChangeSetStatusError(StackError):
    code = "InvalidChangeSetStatus"
    default = "The change set cannot be executed in its status."
