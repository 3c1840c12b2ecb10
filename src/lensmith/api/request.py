"""A call as it reached the server, and its reply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.types import Scope

from lensmith.wire.sigv4 import SignedRequest

CONNECTION = "lensmith.connection"
"""In a request's state: the `ClientConnection` it came by, where the server keeps one."""


PRIVATE = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
"""Headers of a reply that no cache keeps and no browser takes for a page."""


@dataclass(slots=True)
class ClientConnection:
    """Holds what is known of a connection's client over all its requests."""

    is_authenticated: bool = False  # the caller of one of them was proved


@dataclass(frozen=True, slots=True)
class Body:
    data: bytes = field(default=b"", repr=False)
    sha256: str | None = None  # in hex; None when it is yet to be computed


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request, read whole; nothing in it is trusted yet."""

    request_id: str
    http: SignedRequest
    source_ip: str
    is_secure: bool  # came by TLS
    arrived: float  # time.perf_counter() seconds
    connection: ClientConnection

    @property
    def target(self) -> str | None:
        """`RekognitionService.<Operation>`."""
        return self.http.header("x-amz-target")


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to a call; JSON 1.1 unless the headers say otherwise."""

    status: int
    body: bytes
    error_code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Headers = Sequence[tuple[str, str]]
"""Names in lower case and values, in the order received."""


def decoded_headers(scope: Scope) -> Headers:
    """Decode the headers of an ASGI scope, as Latin-1."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]


def received(
    request: Request, body: Body, arrived: float, headers: Headers | None = None
) -> ApiRequest:
    """Convert Starlette's request and its body; `arrived` is time.perf_counter() seconds.

    `headers` are the request's, where they are decoded already.
    """
    scope = request.scope  # Starlette's own objects of its parts cost as much as the rest
    client = scope.get("client")
    http = SignedRequest(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=decoded_headers(scope) if headers is None else headers,
        body=body.data,
        body_sha256=body.sha256,
    )
    return ApiRequest(
        request_id=scope["state"]["request_id"],
        http=http,
        source_ip=client[0] if client else "",
        is_secure=scope["scheme"] == "https",
        arrived=arrived,
        connection=scope["state"].get(CONNECTION) or ClientConnection(),
    )
