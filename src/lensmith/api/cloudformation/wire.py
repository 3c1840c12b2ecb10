"""One request of CloudFormation by the Query protocol."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from lensmith.api.cloudwatch.required import first_missing
from lensmith.api.query_errors import COMMON_ERRORS
from lensmith.api.request import ApiRequest, Reply
from lensmith.api.wire import Parsed, Wire
from lensmith.domain.errors import ServiceError, UnknownOperationException
from lensmith.domain.stack_errors import StackError, StackValidationError
from lensmith.operations.call import Operation
from lensmith.operations.cloudformation.table import OPERATIONS
from lensmith.wire import query_protocol
from lensmith.wire.identity_model import CLOUDFORMATION
from lensmith.wire.validate import validate

_HEADERS = {"Content-Type": "text/xml"}


class CloudFormationWire(Wire):
    service_name = CLOUDFORMATION.name

    def __init__(self, request: ApiRequest) -> None:
        super().__init__(request)
        self._name = "unknown"

    @property
    def name(self) -> str:
        return self._name

    def parse(self) -> Parsed:
        form = query_protocol.parse_form(self.request.http.body)
        sent, version = form.get("Action", ""), form.get("Version", CLOUDFORMATION.version)
        operation = OPERATIONS.get(sent) if version == CLOUDFORMATION.version else None
        if operation is None:
            raise UnknownOperationException(
                f"Operation {sent[:128]} of CloudFormation {version[:16]} is not offered by this "
                "server."
            )
        self._name = operation.name
        shape = CLOUDFORMATION.input_shape(operation.name)
        return Parsed(operation, query_protocol.read_request(shape, form))

    def validate(self, parsed: Parsed) -> None:
        shape = CLOUDFORMATION.input_shape(parsed.operation.name)
        missing = first_missing(shape, parsed.members)
        if missing:
            raise StackValidationError(f"The parameter {missing} is required.")
        validate(shape, parsed.members)

    def measured(self, *_: object) -> AbstractContextManager[None]:
        return nullcontext()

    def serialise(self, operation: Operation, result: Mapping[str, Any]) -> Reply:
        body = query_protocol.serialize_response(
            operation.name,
            CLOUDFORMATION.output_shape(operation.name),
            result,
            self.request.request_id,
            CLOUDFORMATION.namespace,
        )
        return Reply(200, body, headers=_HEADERS)

    def refusal(self, error: ServiceError) -> Reply:
        code, status = COMMON_ERRORS.get(error.code, ("InternalFailure", 500))
        if isinstance(error, StackError):
            code, status = error.code, error.status
        body = query_protocol.serialize_error(
            code,
            error.message,
            self.request.request_id,
            CLOUDFORMATION.namespace,
            of_sender=status < 500,
        )
        return Reply(status, body, code, _HEADERS)
