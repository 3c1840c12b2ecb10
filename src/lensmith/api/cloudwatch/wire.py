"""The protocols in which clients speak to CloudWatch, told apart by path and headers.

botocore sends JSON 1.0; the newer SDKs of other languages CBOR; older ones, botocore's too, the
Query protocol. An error is the same in all three: its code is that of the Query protocol.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import msgspec
from botocore.model import StructureShape

from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.cloudwatch_errors import CloudWatchError
from lensmith.domain.errors import ServiceError
from lensmith.wire import cbor_protocol, json_protocol, query_protocol
from lensmith.wire.cloudwatch_model import API_VERSION, TARGET, XML_NAMESPACE, known, output_shape

_CBOR_PATH = f"/service/{TARGET}/operation/"

_COMMON_ERRORS = {
    "MissingAuthenticationTokenException": ("MissingAuthenticationToken", 403),
    "IncompleteSignatureException": ("IncompleteSignature", 400),
    "InvalidSignatureException": ("SignatureDoesNotMatch", 403),
    "UnrecognizedClientException": ("InvalidClientTokenId", 403),
    "ExpiredTokenException": ("ExpiredToken", 403),
    "AccessDeniedException": ("AccessDenied", 403),
    "UnknownOperationException": ("InvalidAction", 400),
    "SerializationException": ("MalformedInput", 400),
    "ValidationException": ("ValidationError", 400),
    "ThrottlingException": ("Throttling", 400),
    "RequestEntityTooLargeException": ("RequestEntityTooLarge", 413),
    "RequestTimeoutException": ("RequestTimeout", 408),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as clients of CloudWatch are told of it."""

    kind: str  # in JSON and CBOR
    code: str  # in the Query protocol, and what botocore reports for all
    status: int
    message: str

    @classmethod
    def of(cls, error: ServiceError) -> Refusal:
        if isinstance(error, CloudWatchError):
            return cls(error.kind, error.code, error.status, error.message)
        code, status = _COMMON_ERRORS.get(error.code, ("InternalServiceError", 500))
        kind = error.code if error.code in _COMMON_ERRORS else "InternalServiceFault"
        return cls(kind, code, status, error.message)

    @property
    def headers(self) -> dict[str, str]:
        fault = "Sender" if self.status < 500 else "Receiver"
        return {"x-amzn-query-error": f"{self.code};{fault}"}


class Wire(Protocol):
    """One of the protocols, of one request."""

    @property
    def operation(self) -> str:
        """Raises UnknownOperationException for one that is not served."""

    def parse(self, shape: StructureShape) -> dict[str, Any]:
        """The members of the request; raises SerializationException."""

    def reply(self, value: Mapping[str, Any]) -> Reply:
        """A result of the operation."""

    def refusal(self, refusal: Refusal) -> Reply: ...


def is_cloudwatch(path: str, headers: Mapping[str, str]) -> bool:
    target, media_type = headers.get("x-amz-target", ""), headers.get("content-type", "")
    return (
        target.startswith(f"{TARGET}.")
        or path.startswith(_CBOR_PATH)
        or media_type.startswith(query_protocol.CONTENT_TYPE)
    )


def wire_of(request: ApiRequest) -> Wire:
    """The protocol of a request for which `is_cloudwatch` holds."""
    if request.http.path.startswith(_CBOR_PATH):
        return CborWire(request)
    return JsonWire(request) if request.target else QueryWire(request)


@dataclass(frozen=True, slots=True)
class JsonWire:
    request: ApiRequest

    @property
    def operation(self) -> str:
        return known((self.request.target or "").removeprefix(f"{TARGET}."))

    def parse(self, shape: StructureShape) -> dict[str, Any]:
        return json_protocol.parse_request(shape, self.request.http.body)

    def reply(self, value: Mapping[str, Any]) -> Reply:
        body = json_protocol.serialize_response(output_shape(self.operation), value)
        return Reply(200, body, headers=self._headers)

    def refusal(self, refusal: Refusal) -> Reply:
        body = msgspec.json.encode({"__type": refusal.kind, "message": refusal.message})
        headers = {**self._headers, **refusal.headers}
        return Reply(refusal.status, body, refusal.kind, headers)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Content-Type": "application/x-amz-json-1.0"}


@dataclass(frozen=True, slots=True)
class CborWire:
    request: ApiRequest

    @property
    def operation(self) -> str:
        return known(self.request.http.path.removeprefix(_CBOR_PATH))

    def parse(self, shape: StructureShape) -> dict[str, Any]:
        return cbor_protocol.parse_request(shape, self.request.http.body)

    def reply(self, value: Mapping[str, Any]) -> Reply:
        body = cbor_protocol.serialize_response(output_shape(self.operation), value)
        return Reply(200, body, headers=self._headers)

    def refusal(self, refusal: Refusal) -> Reply:
        body = cbor_protocol.serialize_error(refusal.kind, refusal.message)
        headers = {**self._headers, **refusal.headers}
        return Reply(refusal.status, body, refusal.kind, headers)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Content-Type": cbor_protocol.CONTENT_TYPE, "smithy-protocol": "rpc-v2-cbor"}


class QueryWire:
    def __init__(self, request: ApiRequest) -> None:
        self._request = request

    @property
    def operation(self) -> str:
        form = self._form
        if form.get("Version", API_VERSION) != API_VERSION:
            return known(f"{form.get('Action', '')} of {form['Version']}")
        return known(form.get("Action", ""))

    def parse(self, shape: StructureShape) -> dict[str, Any]:
        return query_protocol.read_request(shape, self._form)

    def reply(self, value: Mapping[str, Any]) -> Reply:
        operation = self.operation
        body = query_protocol.serialize_response(
            operation, output_shape(operation), value, self._request.request_id, XML_NAMESPACE
        )
        return Reply(200, body, headers=self._headers)

    def refusal(self, refusal: Refusal) -> Reply:
        body = query_protocol.serialize_error(
            refusal.code,
            refusal.message,
            self._request.request_id,
            XML_NAMESPACE,
            of_sender=refusal.status < 500,
        )
        return Reply(refusal.status, body, refusal.kind, self._headers)

    @cached_property
    def _form(self) -> dict[str, str]:
        return query_protocol.parse_form(self._request.http.body)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Content-Type": "text/xml"}
