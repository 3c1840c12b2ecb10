"""One request of a service that speaks the Query protocol alone: IAM, STS, CloudFormation."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from lensmith.api.query_errors import COMMON_ERRORS
from lensmith.api.request import ApiRequest, Reply
from lensmith.api.required_members import first_missing
from lensmith.api.wire import Parsed, Wire
from lensmith.domain.errors import (
    MissingAuthenticationTokenException,
    ServiceError,
    UnknownOperationException,
)
from lensmith.operations.call import Operation
from lensmith.wire import query_protocol
from lensmith.wire.query_model import QueryModel
from lensmith.wire.validate import validate

_HEADERS = {"Content-Type": "text/xml"}


class QueryWire(Wire):
    """An operation by the model of its service."""

    own_errors: ClassVar[type[ServiceError]]  # sent as they are; its code is that of all others
    invalid: ClassVar[type[ServiceError]]  # of a request without a required member

    def __init__(
        self, request: ApiRequest, model: QueryModel, operations: Mapping[str, Operation]
    ) -> None:
        super().__init__(request)
        self._model = model
        self._operations = operations
        self._name = "unknown"

    @property
    def name(self) -> str:
        return self._name

    @property
    def source(self) -> str:
        return self._model.name

    def parse(self) -> Parsed:
        form = query_protocol.parse_form(self.request.http.body)
        sent, version = form.get("Action", ""), form.get("Version", self._model.version)
        operation = self._operations.get(sent) if version == self._model.version else None
        if operation is None:
            if self.request.http.header("authorization") is None:
                raise MissingAuthenticationTokenException
            raise UnknownOperationException(
                f"Operation {sent[:128]} of {self._model.name} {version[:16]} is not offered by "
                "this server."
            )
        self._name = operation.name
        shape = self._model.input_shape(operation.name)
        return Parsed(operation, query_protocol.read_request(shape, form))

    def validate(self, parsed: Parsed) -> None:
        shape = self._model.input_shape(parsed.operation.name)
        missing = first_missing(shape, parsed.members)
        if missing:
            raise self.invalid(f"The parameter {missing} is required.")
        validate(shape, parsed.members)

    def measured(self, *_: object) -> AbstractContextManager[None]:
        return nullcontext()

    def serialise(self, operation: Operation, result: Mapping[str, Any]) -> Reply:
        body = query_protocol.serialize_response(
            operation.name,
            self._model.output_shape(operation.name),
            result,
            self.request.request_id,
            self._model.namespace,
        )
        return Reply(200, body, headers=_HEADERS)

    def refusal(self, error: ServiceError) -> Reply:
        code, status = COMMON_ERRORS.get(error.code, (self.own_errors.code, 500))
        if isinstance(error, self.own_errors):
            code, status = error.code, error.status
        body = query_protocol.serialize_error(
            code,
            error.message,
            self.request.request_id,
            self._model.namespace,
            of_sender=status < 500,
        )
        return Reply(status, body, code, _HEADERS)
