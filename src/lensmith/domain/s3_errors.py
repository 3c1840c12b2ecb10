"""Errors of S3: code, HTTP status and the sentence that S3 sends."""

from __future__ import annotations

from lensmith.domain.errors import LensmithError

_ERRORS = {
    "AccessControlListNotSupported": (400, "The bucket does not allow ACLs"),
    "AccessDenied": (403, "Access Denied"),
    "AuthorizationHeaderMalformed": (400, "The authorization header is malformed."),
    "AuthorizationQueryParametersError": (
        400,
        "Query-string authentication needs X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
        "X-Amz-Date, X-Amz-SignedHeaders and X-Amz-Expires.",
    ),
    "BadDigest": (400, "The digest or checksum does not match the body that arrived."),
    "BucketAlreadyExists": (409, "The requested bucket name is not available."),
    "BucketAlreadyOwnedByYou": (409, "The bucket exists already, and you own it."),
    "CORSForbidden": (403, "CORSResponse: This CORS request is not allowed."),
    "EntityTooLarge": (400, "The upload is larger than the maximum allowed size."),
    "EntityTooSmall": (400, "The upload is smaller than the minimum allowed size."),
    "ExpiredToken": (400, "The provided token has expired."),
    "IllegalLocationConstraintException": (400, "The location constraint does not fit."),
    "IncompleteBody": (400, "The body is shorter than Content-Length."),
    "InternalError": (500, "We encountered an internal error. Please try again."),
    "InvalidAccessKeyId": (403, "The AWS access key ID you provided does not exist."),
    "InvalidArgument": (400, "Invalid argument"),
    "InvalidBucketAclWithObjectOwnership": (
        400,
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    ),
    "InvalidBucketName": (400, "The specified bucket is not valid."),
    "InvalidDigest": (400, "The Content-MD5 or checksum value is not valid."),
    "InvalidPolicyDocument": (400, "The form's policy is not valid."),
    "InvalidRequest": (400, "The request is not valid."),
    "InvalidTag": (400, "The tag is not valid."),
    "InvalidToken": (400, "The provided token is malformed or otherwise invalid."),
    "InvalidURI": (400, "The URI cannot be parsed."),
    "KeyTooLongError": (400, "Your key is too long."),
    "KMS.DisabledException": (400, "The key is disabled."),
    "KMS.InvalidCiphertextException": (400, "The object's data key is damaged."),
    "KMS.KMSInvalidStateException": (400, "The key is pending deletion."),
    "KMS.KeyUnavailableException": (503, "The key service does not answer. Please try again."),
    "KMS.NotFoundException": (400, "The key does not exist."),
    "MalformedACLError": (400, "The ACL is not well-formed."),
    "MalformedPOSTRequest": (400, "The body of the POST is not well-formed form data."),
    "MalformedPolicy": (400, "The policy is not in the valid JSON format."),
    "MalformedXML": (400, "The XML you provided is not well-formed or does not fit its schema."),
    "MethodNotAllowed": (405, "The specified method is not allowed against this resource."),
    "MissingContentLength": (411, "You must provide the Content-Length HTTP header."),
    "MissingRequestBodyError": (400, "The request has no body."),
    "NoSuchBucket": (404, "The specified bucket does not exist"),
    "NoSuchBucketPolicy": (404, "The bucket policy does not exist"),
    "NoSuchCORSConfiguration": (404, "The CORS configuration does not exist"),
    "NoSuchKey": (404, "The specified key does not exist."),
    "NoSuchUpload": (
        404,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have "
        "been aborted or completed.",
    ),
    "NoSuchPublicAccessBlockConfiguration": (
        404,
        "The public access block configuration was not found",
    ),
    "NotImplemented": (501, "This server does not implement what the request asks for."),
    "OwnershipControlsNotFoundError": (404, "The bucket ownership controls were not found"),
    "PermanentRedirect": (301, "The bucket is in another region."),
    "PreconditionFailed": (412, "At least one of the preconditions did not hold."),
    "RequestTimeTooSkewed": (
        403,
        "The difference between the request time and the server's time is too large.",
    ),
    "RequestTimeout": (400, "The body did not arrive within the timeout period."),
    "ServiceUnavailable": (503, "The object store does not answer. Please try again."),
    "SignatureDoesNotMatch": (
        403,
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method.",
    ),
    "SlowDown": (503, "Please reduce your request rate."),
    "TooManyBuckets": (400, "You have attempted to create more buckets than allowed."),
    "XAmzContentSHA256Mismatch": (
        400,
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ),
}


class S3Error(LensmithError):
    """An error answered to a client of S3; `details` are further elements of its XML."""

    def __init__(self, code: str, message: str | None = None, **details: str) -> None:
        self.status, sentence = _ERRORS[code]
        self.code = code
        self.message = message or sentence
        self.details = details
        super().__init__(f"{code}: {self.message}")
