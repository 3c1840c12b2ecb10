"""One request of an AWS API in the protocol of its client: the steps in which APIs differ."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar

from lensmith.api.authenticate import Principal, Regions, authenticate
from lensmith.api.call_notes import CallNotes
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.caller import Caller
from lensmith.domain.errors import ServiceError
from lensmith.operations.call import Operation, PoolName, Service


@dataclass(frozen=True, slots=True)
class Parsed:
    operation: Operation
    members: Mapping[str, Any]  # of the request; of the right types, not validated


class Wire(ABC):
    """Reads one request and writes its reply."""

    service_name: ClassVar[str] = ""  # in the scope of signatures

    def __init__(self, request: ApiRequest) -> None:
        self.request = request
        self.notes = CallNotes()

    @property
    @abstractmethod
    def name(self) -> str:
        """The operation, for logs and counters: "unknown" for every name that clients make up."""

    @property
    def source(self) -> str:
        """The service, for audit events."""
        return self.service_name

    @property
    def pool(self) -> PoolName:
        """The pool that admits the call."""
        return "control"

    @abstractmethod
    def parse(self) -> Parsed:
        """Raises UnknownOperationException or SerializationException."""

    def parse_around_blob(self) -> Parsed | None:
        """Parse quickly, as `parse`, one large blob with little around it; else None."""
        return None

    def principal(self, service: Service, _: Operation) -> Principal:
        """Authenticate the caller; raises as `authenticate`."""
        return authenticate(service, self.request.http, self.service_name, Regions.SERVED)

    @abstractmethod
    def validate(self, parsed: Parsed) -> None:
        """Check the constraints of the service model; raises a ServiceError."""

    @abstractmethod
    def measured(
        self, service: Service, caller: Caller, operation: Operation
    ) -> AbstractContextManager[None]:
        """Count how the block ends for the caller's account, if calls of this API count."""

    @abstractmethod
    def serialise(self, operation: Operation, result: Mapping[str, Any]) -> Reply:
        """Write the reply of a call that succeeded."""

    @abstractmethod
    def refusal(self, error: ServiceError) -> Reply:
        """Write the reply of a call that ended in an error."""


class AwsApi(ABC):
    """An API of AWS at this endpoint."""

    @abstractmethod
    def serves(self, path: str, headers: Mapping[str, str], /) -> bool:
        """Return whether a request is for this API."""

    @abstractmethod
    def wire(self, request: ApiRequest) -> Wire:
        """Choose the protocol of a request for which `serves` holds."""
