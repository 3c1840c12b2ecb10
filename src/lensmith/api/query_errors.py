"""Codes and statuses that the Query protocol has for errors of every service."""

from __future__ import annotations

COMMON_ERRORS = {
    "MissingAuthenticationTokenException": ("MissingAuthenticationToken", 403),
    "IncompleteSignatureException": ("IncompleteSignature", 400),
    "InvalidSignatureException": ("SignatureDoesNotMatch", 403),
    "UnrecognizedClientException": ("InvalidClientTokenId", 403),
    "ExpiredTokenException": ("ExpiredToken", 403),
    "AccessDeniedException": ("AccessDenied", 403),
    "UnknownOperationException": ("InvalidAction", 400),
    "SerializationException": ("MalformedInput", 400),
    "ValidationException": ("ValidationError", 400),
    "ThrottlingException": ("Throttling", 400),
    "RequestEntityTooLargeException": ("RequestEntityTooLarge", 413),
    "RequestTimeoutException": ("RequestTimeout", 408),
}
