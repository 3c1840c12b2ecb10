"""Errors of the KMS calls, as their service model names them.

KmsError
├── KeyNotFoundError
├── KeyDisabledError
├── KeyStateError
├── KeyUnavailableError          a key service elsewhere does not answer as it should
│   └── KeyServiceAwayError      it cannot be reached now, or says that it is down
├── AliasExistsError
├── AliasNameError
├── CiphertextError
├── IncorrectKeyError
├── DryRunError
├── GrantIdError
├── GrantTokenError
├── KeyArnError
├── KeyLimitError
├── KeyMarkerError
├── KeyPolicyError
├── KeyTagError
├── KeyValidationError
└── UnsupportedKeyError
"""

from __future__ import annotations

from typing import ClassVar

from lensmith.domain.errors import ServiceError


class KmsError(ServiceError):
    """`code` is what clients report; S3 answers `KMS.<code>`."""

    code: ClassVar[str] = "KMSInternalException"
    default = "The request could not be carried out."


class KeyNotFoundError(KmsError):
    code = "NotFoundException"
    default = "The specified key or alias cannot be found."


class KeyDisabledError(KmsError):
    code = "DisabledException"
    default = "The key is disabled."


class KeyStateError(KmsError):
    code = "KMSInvalidStateException"
    default = "The key is not in a state for this request."


class KeyUnavailableError(KmsError):
    code = "KeyUnavailableException"
    status = 500
    default = "The key service does not answer."


class KeyServiceAwayError(KeyUnavailableError):
    pass


class AliasExistsError(KmsError):
    code = "AlreadyExistsException"
    default = "An alias of that name exists."


class AliasNameError(KmsError):
    code = "InvalidAliasNameException"
    default = "An alias's name begins with alias/, and not with alias/aws/."


class CiphertextError(KmsError):
    code = "InvalidCiphertextException"
    default = "The ciphertext, or its encryption context, is not valid."


class IncorrectKeyError(KmsError):
    code = "IncorrectKeyException"
    default = "The key in the request is not the one that encrypted the ciphertext."


class DryRunError(KmsError):
    code = "DryRunOperationException"
    status = 412
    default = "The request would have succeeded, but the DryRun option is set."


class GrantIdError(KmsError):
    code = "InvalidGrantIdException"
    default = "There is no such grant."


class GrantTokenError(KmsError):
    code = "InvalidGrantTokenException"
    default = "The grant token is not valid."


class KeyArnError(KmsError):
    code = "InvalidArnException"
    default = "The ARN is not valid."


class KeyLimitError(KmsError):
    code = "LimitExceededException"
    default = "A limit is reached."


class KeyMarkerError(KmsError):
    code = "InvalidMarkerException"
    default = "The marker is not valid."


class KeyPolicyError(KmsError):
    code = "MalformedPolicyDocumentException"
    default = "The policy document is malformed."


class KeyTagError(KmsError):
    code = "TagException"
    default = "The tags are not valid."


class KeyValidationError(KmsError):
    code = "ValidationException"
    default = "The request violates a constraint."


class UnsupportedKeyError(KmsError):
    code = "UnsupportedOperationException"
    default = "This server has symmetric keys (SYMMETRIC_DEFAULT) with material of its own only."
