"""The errors that cross packages, as one tree.

LensmithError
├── ServiceError                      answered on the wire (api.md 1.4)
│   ├── FrameworkError                refused before an operation runs (api.md 1.2, 1.5)
│   ├── OperationError                raised by an operation (modelled in the service model)
│   └── RouteError                    answered by routes that AWS does not have
├── ObjectStoreError                  the object store failed; answered as InvalidS3Object or 500
├── NewerRecordsError             the records have migrations of a later version
├── SealedFileError               what is encrypted on disk cannot be decrypted
└── StartupError                      the server cannot start; the message says what to do
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class LensmithError(Exception):
    """Base of everything Lensmith raises on purpose."""


class ObjectStoreError(LensmithError):
    """The object store failed or refused a request."""


class ObjectMissing(ObjectStoreError):
    """There is no such bucket, key or version."""


class ObjectForbidden(ObjectStoreError):
    """The caller has no right to the object."""


class OutputNotWritable(ObjectStoreError):
    """The location of a version's results took no file; the cause says why."""


class ObjectTooLarge(ObjectStoreError):
    """The object has more bytes than allowed."""


class SealedFileError(LensmithError):
    """A sealed file is damaged, cut off, or sealed under another key."""


class NewerRecordsError(LensmithError):
    """The records have migrations that this version of Lensmith does not know."""


class StartupError(LensmithError):
    """The server cannot start as configured."""


class ServiceError(LensmithError):
    """An error answered on the wire. The default message is the sentence AWS sends."""

    code: ClassVar[str] = "InternalServerError"
    status: ClassVar[int] = 400
    default: ClassVar[str] = "Internal server error"

    def __init__(self, message: str | None = None) -> None:
        self.message = message or self.default
        super().__init__(self.message)


class FrameworkError(ServiceError):
    """Refused by the protocol layer; the body carries `message` in lower case (api.md 1.4)."""


class SerializationException(FrameworkError):
    code = "SerializationException"
    default = "The request body could not be parsed as JSON of the expected shape."


class ValidationException(FrameworkError):
    code = "ValidationException"
    default = "The request violates a constraint of the service model."


class UnknownOperationException(FrameworkError):
    code = "UnknownOperationException"
    default = "The requested operation is not known."


class MissingAuthenticationTokenException(FrameworkError):
    code = "MissingAuthenticationTokenException"
    default = "Missing Authentication Token"


class IncompleteSignatureException(FrameworkError):
    code = "IncompleteSignatureException"
    default = "The Authorization header is incomplete."


class InvalidSignatureException(FrameworkError):
    code = "InvalidSignatureException"
    default = (
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method."
    )


class UnrecognizedClientException(FrameworkError):
    code = "UnrecognizedClientException"
    default = "The security token included in the request is invalid."


class ExpiredTokenException(FrameworkError):
    code = "ExpiredTokenException"
    default = "The security token included in the request is expired"


class RequestEntityTooLargeException(FrameworkError):
    code = "RequestEntityTooLargeException"
    status = 413
    default = "The request body is too large."


class RequestTimeoutException(FrameworkError):
    code = "RequestTimeoutException"
    status = 408
    default = "The body of the request did not arrive within the time allowed."


class OperationError(ServiceError):
    """Raised by an operation; the body carries `Code`, `Logref` and `Message` (api.md 1.4)."""


class AccessDeniedException(OperationError):
    code = "AccessDeniedException"
    default = "User is not authorized to perform this operation."


class ImageTooLargeException(OperationError):
    code = "ImageTooLargeException"
    default = "Image size is too large."


class InvalidImageFormatException(OperationError):
    code = "InvalidImageFormatException"
    default = "Request has invalid image format."


class InvalidPaginationTokenException(OperationError):
    code = "InvalidPaginationTokenException"
    default = "Invalid Pagination Token"


class InvalidParameterException(OperationError):
    code = "InvalidParameterException"
    default = "Request has invalid parameters"


class InvalidPolicyRevisionIdException(OperationError):
    code = "InvalidPolicyRevisionIdException"
    default = "The supplied revision id for the project policy is invalid."


class InvalidS3ObjectException(OperationError):
    code = "InvalidS3ObjectException"
    default = (
        "Unable to get object metadata from S3. Check object key, region and/or access permissions."
    )


class LimitExceededException(OperationError):
    code = "LimitExceededException"
    default = "A limit on running work is exceeded."


class MalformedPolicyDocumentException(OperationError):
    code = "MalformedPolicyDocumentException"
    default = "The policy document is malformed."


class ProvisionedThroughputExceededException(OperationError):
    code = "ProvisionedThroughputExceededException"
    default = "Provisioned Rate exceeded"


class ResourceAlreadyExistsException(OperationError):
    code = "ResourceAlreadyExistsException"
    default = "The resource already exists."


class ResourceInUseException(OperationError):
    code = "ResourceInUseException"
    default = "Specified resource is in use."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(f"{self.default} {detail}" if detail else None)


class ResourceNotFoundException(OperationError):
    code = "ResourceNotFoundException"
    default = "The resource specified in the request cannot be found"

    def __init__(self, arn: str | None = None) -> None:
        super().__init__(f"{self.default}: {arn}" if arn else None)


class ResourceNotReadyException(OperationError):
    code = "ResourceNotReadyException"
    default = "The requested resource isn't ready"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(f"{self.default}. {detail}" if detail else None)


class ServiceQuotaExceededException(OperationError):
    code = "ServiceQuotaExceededException"
    default = "A service quota is exceeded."


class ThrottlingException(OperationError):
    code = "ThrottlingException"
    status = 500
    default = "Slow down; sudden increase in rate of requests."


class InternalServerError(OperationError):
    code = "InternalServerError"
    status = 500
    default = "Internal server error"


class RecordsUnavailableError(InternalServerError):
    """The records cannot be read or written; the message says why, without a path."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The server's records are unavailable: {reason}.")


class RouteError(ServiceError):
    """Raised under /_lensmith/ only; `details` are numbers and codes beside the sentence."""

    def __init__(self, message: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.details: Mapping[str, Any] = details


class TooManyAttemptsException(RouteError):
    code = "ThrottlingException"
    status = 429
    default = "Too many attempts to sign in failed; wait a minute."


class ForeignRequestException(RouteError):
    code = "AccessDeniedException"
    status = 403
    default = "The request comes from elsewhere."


class NoSuchKeyException(RouteError):
    code = "NoSuchKey"
    status = 404
    default = "There is no such object."


class PictureUnreadableException(RouteError):
    code = "UnsupportedMediaType"
    status = 415
    default = "The object is no picture that can be shown."


class NoSuchBucketException(RouteError):
    code = "NoSuchBucket"
    status = 404
    default = "There is no such bucket."


class BucketAlreadyExistsException(RouteError):
    code = "BucketAlreadyExists"
    status = 409
    default = "A bucket of that name exists."


class InvalidBucketNameException(RouteError):
    code = "InvalidBucketName"
    default = (
        "A bucket's name has 3 to 63 small letters, digits, hyphens and dots, and begins and ends "
        "with a letter or digit."
    )


class PreconditionFailedException(RouteError):
    code = "PreconditionFailed"
    status = 412
    default = "There is an object of that key already."


class StoreNotWritableException(RouteError):
    code = "StoreNotWritable"
    status = 503
    default = "The object store cannot write to its disk."
