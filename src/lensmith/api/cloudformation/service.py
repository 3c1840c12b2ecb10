"""CloudFormation, chosen by the service that a signature is scoped to."""

from __future__ import annotations

from collections.abc import Mapping

from lensmith.api.cloudformation.wire import CloudFormationWire
from lensmith.api.request import ApiRequest
from lensmith.api.wire import AwsApi
from lensmith.wire.query_protocol import CONTENT_TYPE

_SCOPE = "/cloudformation/aws4_request"


class CloudFormation(AwsApi):
    """A form that is signed for the service."""

    def serves(self, path: str, headers: Mapping[str, str], /) -> bool:
        is_form = headers.get("content-type", "").startswith(CONTENT_TYPE)
        return path == "/" and is_form and _SCOPE in headers.get("authorization", "")

    def wire(self, request: ApiRequest) -> CloudFormationWire:
        return CloudFormationWire(request)
