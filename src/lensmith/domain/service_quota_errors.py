"""Errors of Service Quotas, as its service model names them.

ServiceQuotaError
├── NoSuchResourceError
└── InvalidPaginationTokenError
"""

from __future__ import annotations

from lensmith.domain.errors import FrameworkError


class ServiceQuotaError(FrameworkError):
    pass


class NoSuchResourceError(ServiceQuotaError):
    code = "NoSuchResourceException"
    default = "There is no such service or quota."


class InvalidPaginationTokenError(ServiceQuotaError):
    code = "InvalidPaginationTokenException"
    default = "The NextToken is not one of this request, or it has expired."
