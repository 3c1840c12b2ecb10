"""IAM and STS, chosen by the service that a signature is scoped to."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lensmith.api.identity.wire import IdentityWire
from lensmith.api.request import ApiRequest
from lensmith.api.wire import AwsApi
from lensmith.operations.iam.table import OPERATIONS as IAM_OPERATIONS
from lensmith.operations.sts.table import OPERATIONS as STS_OPERATIONS
from lensmith.wire.query_model import IAM, STS
from lensmith.wire.query_protocol import CONTENT_TYPE

_SCOPE = re.compile(r"/(iam|sts)/aws4_request\b")


class Identity(AwsApi):
    """A form that is signed for one of the two, or not at all, as AssumeRoleWithWebIdentity."""

    def serves(self, path: str, headers: Mapping[str, str], /) -> bool:
        is_form = headers.get("content-type", "").startswith(CONTENT_TYPE)
        return path == "/" and is_form and _service(headers.get("authorization", "")) is not None

    def wire(self, request: ApiRequest) -> IdentityWire:
        if _service(request.http.header("authorization") or "") == IAM.name:
            return IdentityWire(request, IAM, IAM_OPERATIONS)
        return IdentityWire(request, STS, STS_OPERATIONS)


def _service(authorization: str) -> str | None:
    if not authorization:
        return STS.name
    scope = _SCOPE.search(authorization)
    return None if scope is None else scope[1]
