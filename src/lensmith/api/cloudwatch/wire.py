"""CloudWatch's protocols, chosen by path and headers.

botocore sends JSON 1.0; the newer SDKs of other languages CBOR; older ones, botocore's too, the
Query protocol. An error is the same in all three: its code is that of the Query protocol.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import msgspec
from botocore.model import StructureShape

from lensmith.api.query_errors import COMMON_ERRORS
from lensmith.api.request import ApiRequest, Reply
from lensmith.api.required_members import first_missing
from lensmith.api.wire import Parsed, Wire
from lensmith.domain.cloudwatch_errors import CloudWatchError, MissingParameterError
from lensmith.domain.errors import ServiceError
from lensmith.operations.call import Operation
from lensmith.operations.cloudwatch import OPERATIONS
from lensmith.wire import cbor_protocol, json_protocol, query_protocol
from lensmith.wire.cloudwatch_model import (
    API_VERSION,
    TARGET,
    XML_NAMESPACE,
    input_shape,
    known,
    output_shape,
)
from lensmith.wire.validate import validate

_CBOR_PATH = f"/service/{TARGET}/operation/"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as clients of CloudWatch read it."""

    kind: str  # in JSON and CBOR
    code: str  # in the Query protocol, and what botocore reports for all
    status: int
    message: str

    @classmethod
    def of(cls, error: ServiceError) -> Refusal:
        if isinstance(error, CloudWatchError):
            return cls(error.kind, error.code, error.status, error.message)
        code, status = COMMON_ERRORS.get(error.code, ("InternalServiceError", 500))
        kind = error.code if error.code in COMMON_ERRORS else "InternalServiceFault"
        return cls(kind, code, status, error.message)

    @property
    def headers(self) -> dict[str, str]:
        fault = "Sender" if self.status < 500 else "Receiver"
        return {"x-amzn-query-error": f"{self.code};{fault}"}


class CloudWatchWire(Wire):
    """A request in one of the protocols; an operation is authorised by its own action alone."""

    service_name = "monitoring"

    @property
    def name(self) -> str:
        return self._sent_name if self._sent_name in OPERATIONS else "unknown"

    def parse(self) -> Parsed:
        operation = OPERATIONS[known(self._sent_name)]
        return Parsed(operation, self._members(input_shape(operation.name)))

    def validate(self, parsed: Parsed) -> None:
        shape = input_shape(parsed.operation.name)
        missing = first_missing(shape, parsed.members)
        if missing:
            raise MissingParameterError(f"The parameter {missing} is required.")
        validate(shape, parsed.members)

    def measured(self, *_: object) -> AbstractContextManager[None]:
        return nullcontext()

    def refusal(self, error: ServiceError) -> Reply:
        return self._refusal(Refusal.of(error))

    @property
    @abstractmethod
    def _sent_name(self) -> str:
        """The operation that the client names."""

    @abstractmethod
    def _members(self, shape: StructureShape) -> dict[str, Any]:
        """Raises SerializationException."""

    @abstractmethod
    def _refusal(self, refusal: Refusal) -> Reply: ...


def is_cloudwatch(path: str, headers: Mapping[str, str]) -> bool:
    target, media_type = headers.get("x-amz-target", ""), headers.get("content-type", "")
    return (
        target.startswith(f"{TARGET}.")
        or path.startswith(_CBOR_PATH)
        or media_type.startswith(query_protocol.CONTENT_TYPE)
    )


def wire_of(request: ApiRequest) -> CloudWatchWire:
    """Choose the protocol of a request for which `is_cloudwatch` holds."""
    if request.http.path.startswith(_CBOR_PATH):
        return CborWire(request)
    return JsonWire(request) if request.target else QueryWire(request)


class JsonWire(CloudWatchWire):
    @property
    def _sent_name(self) -> str:
        return (self.request.target or "").removeprefix(f"{TARGET}.")

    def _members(self, shape: StructureShape) -> dict[str, Any]:
        return json_protocol.parse_request(shape, self.request.http.body)

    def serialise(self, operation: Operation, result: Mapping[str, Any]) -> Reply:
        body = json_protocol.serialize_response(output_shape(operation.name), result)
        return Reply(200, body, headers=self._headers)

    def _refusal(self, refusal: Refusal) -> Reply:
        body = msgspec.json.encode({"__type": refusal.kind, "message": refusal.message})
        headers = {**self._headers, **refusal.headers}
        return Reply(refusal.status, body, refusal.kind, headers)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Content-Type": "application/x-amz-json-1.0"}


class CborWire(CloudWatchWire):
    @property
    def _sent_name(self) -> str:
        return self.request.http.path.removeprefix(_CBOR_PATH)

    def _members(self, shape: StructureShape) -> dict[str, Any]:
        return cbor_protocol.parse_request(shape, self.request.http.body)

    def serialise(self, operation: Operation, result: Mapping[str, Any]) -> Reply:
        body = cbor_protocol.serialize_response(output_shape(operation.name), result)
        return Reply(200, body, headers=self._headers)

    def _refusal(self, refusal: Refusal) -> Reply:
        body = cbor_protocol.serialize_error(refusal.kind, refusal.message)
        headers = {**self._headers, **refusal.headers}
        return Reply(refusal.status, body, refusal.kind, headers)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Content-Type": cbor_protocol.CONTENT_TYPE, "smithy-protocol": "rpc-v2-cbor"}


class QueryWire(CloudWatchWire):
    def __init__(self, request: ApiRequest) -> None:
        super().__init__(request)
        self._form: dict[str, str] = {}  # read by `parse`: a long one takes long

    def parse(self) -> Parsed:
        self._form = query_protocol.parse_form(self.request.http.body)
        return super().parse()

    @property
    def _sent_name(self) -> str:
        action, version = self._form.get("Action", ""), self._form.get("Version", API_VERSION)
        return action if version == API_VERSION else f"{action} of {version}"

    def _members(self, shape: StructureShape) -> dict[str, Any]:
        return query_protocol.read_request(shape, self._form)

    def serialise(self, operation: Operation, result: Mapping[str, Any]) -> Reply:
        body = query_protocol.serialize_response(
            operation.name,
            output_shape(operation.name),
            result,
            self.request.request_id,
            XML_NAMESPACE,
        )
        return Reply(200, body, headers=self._headers)

    def _refusal(self, refusal: Refusal) -> Reply:
        body = query_protocol.serialize_error(
            refusal.code,
            refusal.message,
            self.request.request_id,
            XML_NAMESPACE,
            of_sender=refusal.status < 500,
        )
        return Reply(refusal.status, body, refusal.kind, self._headers)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Content-Type": "text/xml"}
