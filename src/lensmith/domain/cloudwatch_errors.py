"""Errors of the CloudWatch calls, as its service model names them.

CloudWatchError
├── ValidationError
├── InvalidParameterValueError
├── InvalidParameterCombinationError
├── MissingParameterError
└── InvalidNextTokenError
"""

from __future__ import annotations

from typing import ClassVar

from lensmith.domain.errors import ServiceError


class CloudWatchError(ServiceError):
    """`code` is what every client reports; `kind` names the error in JSON and CBOR."""

    kind: ClassVar[str] = "InternalServiceFault"


class ValidationError(CloudWatchError):
    code = "ValidationError"
    kind = "ValidationError"
    default = "The request violates a constraint."


class InvalidParameterValueError(CloudWatchError):
    code = "InvalidParameterValue"
    kind = "InvalidParameterValueException"
    default = "A parameter has a value that is not allowed."


class InvalidParameterCombinationError(CloudWatchError):
    code = "InvalidParameterCombination"
    kind = "InvalidParameterCombinationException"
    default = "Parameters were given that do not go together."


class MissingParameterError(CloudWatchError):
    code = "MissingParameter"
    kind = "MissingRequiredParameterException"
    default = "A required parameter is missing."


class InvalidNextTokenError(CloudWatchError):
    code = "InvalidNextToken"
    kind = "InvalidNextToken"
    default = "The NextToken is not one of this request, or it has expired."
