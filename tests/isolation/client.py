"""Sends signed requests over one connection to each port."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

_CODES = (
    re.compile(r"<Code>([^<]+)</Code>"),
    re.compile(r'"(?:__type|Code)":"(?:[^"]*#)?([^"]+)"'),
)
_VARYING = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # ids of requests
    r"|\b(?:A[A-Z]{3})[A-Z2-7]{16,17}\b"  # ids of new identities
    r"|<RequestId>[^<]*</RequestId>|<SecretAccessKey>[^<]*</SecretAccessKey>"
    r"|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)|\b\d{10,13}(?:\.\d+)?\b"  # moments
)


@dataclass(frozen=True)
class Sent:
    """A request before it is signed; `service` is that of its signature."""

    service: str
    method: str
    path: str  # with its query
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    status: int
    text: str

    @property
    def code(self) -> str:
        found = (pattern.search(self.text) for pattern in _CODES)
        return next((match[1] for match in found if match), "")

    @property
    def steady(self) -> tuple[int, str]:
        """Status and text without what differs from call to call."""
        return self.status, _VARYING.sub("~", self.text)


@dataclass(frozen=True)
class Caller:
    """A principal; without credentials it is anonymous."""

    label: str
    credentials: Credentials | None


class Client:
    def __init__(self, api: int, s3: int) -> None:
        self._ports = {"s3": s3}
        self._api = api
        self._connections: dict[int, HTTPConnection] = {}

    def send(self, caller: Caller, sent: Sent) -> Answer:
        port = self._ports.get(sent.service, self._api)
        request = AWSRequest(
            sent.method, f"http://127.0.0.1:{port}{sent.path}", dict(sent.headers), sent.body
        )
        if caller.credentials is not None:
            signer = S3SigV4Auth if sent.service == "s3" else SigV4Auth
            signer(caller.credentials, sent.service, "us-east-1").add_auth(request)
        try:
            return self._exchange(port, sent, dict(request.headers.items()))
        except (ConnectionError, HTTPException):  # closed after a body that was not read
            self._connections.pop(port).close()
            return self._exchange(port, sent, dict(request.headers.items()))

    def _exchange(self, port: int, sent: Sent, headers: dict[str, str]) -> Answer:
        connection = self._connections.setdefault(port, HTTPConnection("127.0.0.1", port))
        connection.request(sent.method, sent.path, sent.body, headers)
        with connection.getresponse() as reply:
            return Answer(reply.status, reply.read().decode("utf-8", "replace"))

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()
