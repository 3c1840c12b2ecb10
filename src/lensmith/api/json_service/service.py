"""A service at the same endpoint, chosen by `X-Amz-Target`."""

from __future__ import annotations

from collections.abc import Mapping

from lensmith.api.json_service.wire import JsonServiceWire
from lensmith.api.request import ApiRequest
from lensmith.api.wire import AwsApi
from lensmith.operations.call import Operation
from lensmith.operations.cloudtrail.table import OPERATIONS as CLOUDTRAIL_OPERATIONS
from lensmith.operations.quotas.table import OPERATIONS as QUOTAS_OPERATIONS
from lensmith.wire.json_models import CLOUDTRAIL, SERVICE_QUOTAS, JsonModel


class JsonService(AwsApi):
    def __init__(self, model: JsonModel, operations: Mapping[str, Operation]) -> None:
        self._model = model
        self._operations = operations

    def serves(self, _: str, headers: Mapping[str, str], /) -> bool:
        return headers.get("x-amz-target", "").startswith(self._model.target)

    def wire(self, request: ApiRequest) -> JsonServiceWire:
        return JsonServiceWire(request, self._model, self._operations)


def json_services() -> list[JsonService]:
    return [
        JsonService(CLOUDTRAIL, CLOUDTRAIL_OPERATIONS),
        JsonService(SERVICE_QUOTAS, QUOTAS_OPERATIONS),
    ]
