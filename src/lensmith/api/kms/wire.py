"""One request of KMS: JSON 1.1 by the service model."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any

import msgspec

from lensmith.api.authenticate import Principal
from lensmith.api.request import ApiRequest, Reply
from lensmith.api.wire import Parsed, Wire
from lensmith.domain.caller import Caller
from lensmith.domain.errors import InternalServerError, ServiceError, UnknownOperationException
from lensmith.domain.key_errors import KmsError
from lensmith.domain.policy.rights import Rights
from lensmith.operations.call import Operation, Service
from lensmith.operations.kms.of_store import OPERATIONS as OF_STORE
from lensmith.store.internal_key import INTERNAL, internal_key
from lensmith.wire import json_protocol, kms_model
from lensmith.wire.sigv4 import check_scope, check_signature, check_time, read_signature
from lensmith.wire.validate import validate


class KmsWire(Wire):
    """A caller's request, or one of the embedded object store for a caller that S3 judged."""

    service_name = kms_model.SERVICE_NAME

    def __init__(self, request: ApiRequest, operations: Mapping[str, Operation]) -> None:
        super().__init__(request)
        sent = (request.target or "").removeprefix(kms_model.TARGET_PREFIX)
        self._sent = sent[:128]
        authorization = request.http.header("authorization") or ""
        self._is_of_store = f"Credential={INTERNAL}/" in authorization
        self._operations = OF_STORE if self._is_of_store else operations

    @property
    def name(self) -> str:
        return self._sent if self._sent in self._operations else "unknown"

    def parse(self) -> Parsed:
        operation = self._operations.get(self._sent)
        if operation is None:
            raise UnknownOperationException(
                f"Operation {self._sent} is not offered by this server."
            )
        shape = kms_model.input_shape(operation.name)
        return Parsed(operation, json_protocol.parse_request(shape, self.request.http.body))

    def principal(self, service: Service, operation: Operation) -> Principal:
        if self._is_of_store:
            return self._store(service)
        return super().principal(service, operation)

    def validate(self, parsed: Parsed) -> None:
        validate(kms_model.input_shape(parsed.operation.name), parsed.members)

    def measured(self, *_: object) -> AbstractContextManager[None]:
        return nullcontext()

    def serialise(self, operation: Operation, result: Mapping[str, Any]) -> Reply:
        shape = kms_model.output_shape(operation.name)
        if shape is None:
            return Reply(200, b"")
        return Reply(200, json_protocol.serialize_response(shape, result))

    def refusal(self, error: ServiceError) -> Reply:
        code = error.code
        if isinstance(error, InternalServerError):
            code = KmsError.code
        body = msgspec.json.encode({"__type": code, "message": error.message})
        return Reply(error.status, body, code)

    def _store(self, service: Service) -> Principal:
        """Authenticate the embedded object store."""
        signature = read_signature(self.request.http)
        check_scope(signature, service.settings.served_regions, self.service_name)
        check_time(signature, datetime.now(UTC))
        check_signature(signature, self.request.http, internal_key(service.records)[1])
        caller = Caller("", "object store", INTERNAL)
        return Principal(caller, Rights.anonymous(), signature.region)
