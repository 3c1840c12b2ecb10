"""The API of Custom Labels: JSON 1.1 by the service model (api.md 1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lensmith.api.authenticate import SERVICE_NAME
from lensmith.api.fast_path.large_blob import parse_around_blob
from lensmith.api.request import ApiRequest, Reply
from lensmith.api.wire import AwsApi, Parsed, Wire
from lensmith.domain.caller import Caller
from lensmith.domain.errors import OperationError, ServiceError, UnknownOperationException
from lensmith.domain.metric import MetricOwner
from lensmith.operations.call import Operation, PoolName, Service
from lensmith.wire import service_model
from lensmith.wire.json_protocol import parse_request, serialize_error, serialize_response
from lensmith.wire.validate import validate


class UnmodelledError(Exception):
    """An operation raised an error that the service model does not list for it: a bug here."""


class Rekognition(AwsApi):
    """Custom Labels. Last in the list: it also answers requests that no other API claims."""

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self._operations = operations

    def serves(self, _: str, __: Mapping[str, str], /) -> bool:
        return True

    def wire(self, request: ApiRequest) -> RekognitionWire:
        return RekognitionWire(request, self._operations)


class RekognitionWire(Wire):
    service_name = SERVICE_NAME

    def __init__(self, request: ApiRequest, operations: Mapping[str, Operation]) -> None:
        super().__init__(request)
        self._operations = operations
        self._name = _name(request)

    @property
    def name(self) -> str:
        return self._name

    @property
    def pool(self) -> PoolName:
        operation = self._operations.get(self._name)
        return operation.pool if operation else "control"

    def parse(self) -> Parsed:
        operation = self._operation()
        shape = service_model.input_shape(operation.name)
        return Parsed(operation, parse_request(shape, self.request.http.body))

    def parse_around_blob(self) -> Parsed | None:
        operation = self._operation()
        shape = service_model.input_shape(operation.name)
        members = parse_around_blob(shape, self.request.http.body)
        return None if members is None else Parsed(operation, members)

    def validate(self, parsed: Parsed) -> None:
        validate(service_model.input_shape(parsed.operation.name), parsed.members)

    @contextmanager
    def measured(self, service: Service, caller: Caller, operation: Operation) -> Iterator[None]:
        """Raises UnmodelledError instead of an error that the operation must not answer."""
        owner = MetricOwner(caller.account_id, service.settings.region)
        with service.calls.measured(owner, operation.name, since=self.request.arrived):
            try:
                yield
            except OperationError as error:
                if error.code in service_model.error_codes(operation.name):
                    raise
                message = f"{operation.name} must not answer {error.code}"
                raise UnmodelledError(message) from error

    def serialise(self, operation: Operation, result: Mapping[str, Any]) -> Reply:
        return Reply(200, serialize_response(service_model.output_shape(operation.name), result))

    def refusal(self, error: ServiceError) -> Reply:
        return refusal(error, self.request.request_id)

    def _operation(self) -> Operation:
        operation = self._operations.get(self._name)
        if operation is None:
            name = service_model.operation_named_by(self.request.target)
            raise UnknownOperationException(f"Operation {name} is not offered by this server.")
        return operation


def refusal(error: ServiceError, request_id: str) -> Reply:
    """Write an error as JSON 1.1, also for what AWS does not have."""
    return Reply(error.status, serialize_error(error, request_id), error.code)


def _name(request: ApiRequest) -> str:
    try:
        return service_model.operation_named_by(request.target)
    except UnknownOperationException:
        return "unknown"
