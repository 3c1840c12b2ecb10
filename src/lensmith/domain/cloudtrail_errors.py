"""Errors of LookupEvents, as its service model names them.

CloudTrailError
├── InvalidLookupAttributesError
├── InvalidMaxResultsError
├── InvalidNextTokenError
└── InvalidTimeRangeError
"""

from __future__ import annotations

from lensmith.domain.errors import FrameworkError


class CloudTrailError(FrameworkError):
    pass


class InvalidLookupAttributesError(CloudTrailError):
    code = "InvalidLookupAttributesException"
    default = "Send one lookup attribute at most, with a key and a value."


class InvalidMaxResultsError(CloudTrailError):
    code = "InvalidMaxResultsException"
    default = "MaxResults is 1 to 50."


class InvalidNextTokenError(CloudTrailError):
    code = "InvalidNextTokenException"
    default = "The NextToken is not one of this request, or it has expired."


class InvalidTimeRangeError(CloudTrailError):
    code = "InvalidTimeRangeException"
    default = "StartTime must not be after EndTime."
