"""One request of such a service."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from lensmith.api.authenticate import Principal, Regions, authenticate
from lensmith.api.rekognition import refusal
from lensmith.api.request import ApiRequest, Reply
from lensmith.api.wire import Parsed, Wire
from lensmith.domain.errors import ServiceError, UnknownOperationException
from lensmith.operations.call import Operation, Service
from lensmith.operations.cloudtrail.lookup_events import refuse_page_size
from lensmith.wire import json_protocol
from lensmith.wire.json_models import JsonModel
from lensmith.wire.validate import validate


class JsonServiceWire(Wire):
    def __init__(
        self, request: ApiRequest, model: JsonModel, operations: Mapping[str, Operation]
    ) -> None:
        super().__init__(request)
        self._model = model
        self._operations = operations
        self._sent = (request.target or "").removeprefix(model.target)[:128]

    @property
    def name(self) -> str:
        return self._sent if self._sent in self._operations else "unknown"

    @property
    def source(self) -> str:
        return self._model.name

    def parse(self) -> Parsed:
        operation = self._operations.get(self._sent)
        if operation is None:
            raise UnknownOperationException(
                f"Operation {self._sent} is not offered by this server."
            )
        shape = self._model.input_shape(operation.name)
        return Parsed(operation, json_protocol.parse_request(shape, self.request.http.body))

    def principal(self, service: Service, _: Operation) -> Principal:
        return authenticate(service, self.request.http, self._model.name, Regions.SERVED)

    def validate(self, parsed: Parsed) -> None:
        if parsed.operation.name == "LookupEvents":
            refuse_page_size(parsed.members)
        validate(self._model.input_shape(parsed.operation.name), parsed.members)

    def measured(self, *_: object) -> AbstractContextManager[None]:
        return nullcontext()

    def serialise(self, operation: Operation, result: Mapping[str, Any]) -> Reply:
        shape = self._model.output_shape(operation.name)
        return Reply(200, json_protocol.serialize_response(shape, result))

    def refusal(self, error: ServiceError) -> Reply:
        return refusal(error, self.request.request_id)
