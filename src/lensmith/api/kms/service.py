"""KMS at the same endpoint, chosen by `X-Amz-Target` and signed for the service `kms`."""

from __future__ import annotations

from collections.abc import Mapping

from lensmith.api.kms.wire import KmsWire
from lensmith.api.request import ApiRequest
from lensmith.api.wire import AwsApi
from lensmith.config import Settings
from lensmith.operations.call import Operation
from lensmith.operations.kms.table import OPERATIONS
from lensmith.wire.kms_model import TARGET_PREFIX


class Kms(AwsApi):
    """The operations of the embedded keyring; without it, only what the object store needs."""

    def __init__(self, settings: Settings) -> None:
        elsewhere = settings.kms_endpoint_url or settings.vault_address
        self._operations: Mapping[str, Operation] = {} if elsewhere else OPERATIONS

    def serves(self, _: str, headers: Mapping[str, str], /) -> bool:
        return headers.get("x-amz-target", "").startswith(TARGET_PREFIX)

    def wire(self, request: ApiRequest) -> KmsWire:
        return KmsWire(request, self._operations)
