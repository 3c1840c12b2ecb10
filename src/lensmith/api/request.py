"""A call of the AWS API as it reached the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lensmith.wire.sigv4 import SignedRequest


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One POST, read whole; nothing in it is trusted yet."""

    request_id: str
    http: SignedRequest
    source_ip: str
    is_secure: bool  # came by TLS
    arrived: float  # time.perf_counter() seconds

    @property
    def target(self) -> str | None:
        """`RekognitionService.<Operation>`."""
        return self.http.header("x-amz-target")


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to the client; as JSON 1.1 unless the headers say otherwise."""

    status: int
    body: bytes
    error_code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
