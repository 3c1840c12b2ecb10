"""Errors of the IAM and STS calls, as their service models name them.

IdentityError
├── NoSuchEntityError
├── EntityAlreadyExistsError
├── DeleteConflictError
├── IdentityLimitExceededError
├── MalformedPolicyError
├── InvalidInputError
├── IdentityValidationError
├── UnmodifiableEntityError
├── PackedPolicyTooLargeError
├── InvalidIdentityTokenError
│   └── UnprovenIdentityTokenError
└── ExpiredIdentityTokenError
"""

from __future__ import annotations

from typing import ClassVar

from lensmith.domain.errors import ServiceError


class IdentityError(ServiceError):
    """`code` is what clients of the Query protocol report."""

    code: ClassVar[str] = "ServiceFailure"


class NoSuchEntityError(IdentityError):
    code = "NoSuchEntity"
    status = 404
    default = "The request was rejected because it referenced an entity that does not exist."


class EntityAlreadyExistsError(IdentityError):
    code = "EntityAlreadyExists"
    status = 409
    default = "The entity already exists."


class DeleteConflictError(IdentityError):
    code = "DeleteConflict"
    status = 409
    default = "Cannot delete entity, must remove what belongs to it first."


class IdentityLimitExceededError(IdentityError):
    code = "LimitExceeded"
    status = 409
    default = "A limit of the account is reached."


class MalformedPolicyError(IdentityError):
    code = "MalformedPolicyDocument"
    default = "The policy document is malformed."


class InvalidInputError(IdentityError):
    code = "InvalidInput"
    default = "The request has a value that is not allowed."


class IdentityValidationError(IdentityError):
    code = "ValidationError"
    default = "The request violates a constraint."


class UnmodifiableEntityError(IdentityError):
    code = "UnmodifiableEntity"
    default = "The entity cannot be changed."


class PackedPolicyTooLargeError(IdentityError):
    code = "PackedPolicyTooLarge"
    default = "The session policy and tags are too large."


class InvalidIdentityTokenError(IdentityError):
    code = "InvalidIdentityToken"
    default = "The web identity token that was passed could not be validated."


class UnprovenIdentityTokenError(InvalidIdentityTokenError):
    default = "The signature of the web identity token is not its provider's."


class ExpiredIdentityTokenError(IdentityError):
    code = "ExpiredTokenException"
    default = "The web identity token that was passed is expired."
