"""CloudWatch at the same endpoint, signed for the service `monitoring` (api.md 5)."""

from __future__ import annotations

from collections.abc import Mapping

from lensmith.api.cloudwatch.wire import CloudWatchWire, is_cloudwatch, wire_of
from lensmith.api.request import ApiRequest
from lensmith.api.wire import AwsApi


class CloudWatch(AwsApi):
    """Its metric operations."""

    def serves(self, path: str, headers: Mapping[str, str], /) -> bool:
        return is_cloudwatch(path, headers)

    def wire(self, request: ApiRequest) -> CloudWatchWire:
        return wire_of(request)
