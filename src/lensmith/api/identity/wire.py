"""One request of IAM or STS by the Query protocol."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from lensmith.api.authenticate import Principal, Regions, authenticate
from lensmith.api.cloudwatch.required import first_missing
from lensmith.api.query_errors import COMMON_ERRORS
from lensmith.api.request import ApiRequest, Reply
from lensmith.api.wire import Parsed, Wire
from lensmith.domain.caller import Caller
from lensmith.domain.errors import (
    MissingAuthenticationTokenException,
    ServiceError,
    UnknownOperationException,
    UnrecognizedClientException,
)
from lensmith.domain.identity_errors import IdentityError, IdentityValidationError
from lensmith.domain.policy.identity import PrincipalType
from lensmith.domain.policy.rights import Rights
from lensmith.operations.call import Operation, Service
from lensmith.wire import query_protocol
from lensmith.wire.identity_model import IAM, IdentityModel
from lensmith.wire.validate import validate

_HEADERS = {"Content-Type": "text/xml"}
_NO_CALLER = Caller("", "anonymous", "")


class IdentityWire(Wire):
    """An operation of one of the two services; both take signatures of any region."""

    def __init__(
        self, request: ApiRequest, model: IdentityModel, operations: Mapping[str, Operation]
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

    def principal(self, service: Service, operation: Operation) -> Principal:
        if operation.unsigned:
            return Principal(_NO_CALLER, Rights.anonymous(), service.settings.region)
        found = authenticate(service, self.request.http, self._model.name, Regions.ANY)
        identity = found.rights.identity
        if self._model is IAM and identity.type is PrincipalType.USER and identity.issued_ms:
            # As on AWS: what GetSessionToken gave makes no permanent keys.
            raise UnrecognizedClientException
        return found

    def validate(self, parsed: Parsed) -> None:
        shape = self._model.input_shape(parsed.operation.name)
        missing = first_missing(shape, parsed.members)
        if missing:
            raise IdentityValidationError(f"The parameter {missing} is required.")
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
        code, status = COMMON_ERRORS.get(error.code, ("ServiceFailure", 500))
        if isinstance(error, IdentityError):
            code, status = error.code, error.status
        body = query_protocol.serialize_error(
            code,
            error.message,
            self.request.request_id,
            self._model.namespace,
            of_sender=status < 500,
        )
        return Reply(status, body, code, _HEADERS)
