"""The attacked server: what it has, what it answered, and what of that must never be logged."""

from __future__ import annotations

import base64
import io
from collections import defaultdict
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.parsers import ResponseParserError, create_parser
from tests.attack.services import AttackedService
from tests.attack.values import Known
from tests.isolation.client import Caller, Sent

TIMEOUT = 60  # seconds
_KEPT = 24
_SECRETS = ("SecretAccessKey", "SessionToken", "Plaintext", "PrivateKeyPlaintext")
_SHORTEST_SECRET = 16  # characters; shorter ones are the attack's own words
_OF_THE_ATTACKER = ("root-admin", "narrow", "worker", "limit")
_PREFIXES = ("Source", "Destination", "Target", "Replacement")
_OF_HTTP = (414, 431)  # an address or headers too long for a request of any service
_INTERNAL = ("InternalFailure", "InternalServerError", "InternalError", "InternalServiceError")


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


class Names:
    """Names of what the server has, by the members that hold them."""

    def __init__(self) -> None:
        self._by_kind: dict[str, list[str]] = defaultdict(list)
        self._all: list[str] = []
        self.secrets: set[bytes] = set()
        self.of_the_attacker = {*_OF_THE_ATTACKER}  # it must not take its own rights away

    def add(self, kind: str, value: str) -> None:
        if not value or len(value) > 2048 or any(word in value for word in self.of_the_attacker):
            return
        pool = self._by_kind[_kind(kind)]
        if value not in pool:
            pool.append(value)
            self._all.append(value)
        del pool[:-_KEPT], self._all[: -8 * _KEPT]

    def resolve(self, known: Known) -> str:
        pool = self._by_kind.get(_kind(known.kind)) if known.kind else self._all
        return pool[known.number % len(pool)] if pool else known.otherwise

    def learn(self, answer: Any, name: str = "") -> None:
        """Keep the names, and aside the secrets, of an answer."""
        if isinstance(answer, dict):
            for key, value in answer.items():
                self.learn(value, str(key))
        elif isinstance(answer, list):
            for value in answer[:_KEPT]:
                self.learn(value, name)
        elif name in _SECRETS:
            self._keep_secret(answer)
        elif isinstance(answer, str):
            self.add(name, answer)

    def _keep_secret(self, value: Any) -> None:
        given = value.encode() if isinstance(value, str) else value
        if isinstance(given, bytes) and len(given) >= _SHORTEST_SECRET:
            self.secrets |= {given, given.hex().encode()}
            self.secrets.add(base64.b64encode(given).rstrip(b"="))


def _kind(name: str) -> str:
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name.lower()


class Target:
    """Sends signed requests over one connection to each port, and judges the answers."""

    def __init__(self, api: int, s3: int, region: str = "us-east-1") -> None:
        self._api, self._s3, self._region = api, s3, region
        self._connections: dict[int, HTTPConnection] = {}

    def send(self, caller: Caller, sent: Sent, *, presigned: bool = False) -> Reply:
        """Sign and send; once more where the server closed after a body that it did not read."""
        port = self._s3 if sent.service == "s3" else self._api
        body = b"" if presigned else sent.body  # whose hash a presigned URL does not hold
        url = f"http://127.0.0.1:{port}{sent.path}"
        request = AWSRequest(sent.method, url, dict(sent.headers), body)
        assert caller.credentials is not None
        signer: Any = S3SigV4Auth if sent.service == "s3" else SigV4Auth
        if presigned:
            signer = S3SigV4QueryAuth
        signer(caller.credentials, sent.service, self._region).add_auth(request)
        path = str(request.url).partition(f":{port}")[2]
        headers = {name: value.encode() for name, value in request.headers.items()}
        try:
            return self._exchange(port, sent, path, headers)
        except (ConnectionError, HTTPException):
            self._connections.pop(port).close()
            return self._exchange(port, sent, path, headers)

    def _exchange(self, port: int, sent: Sent, path: str, headers: dict[str, bytes]) -> Reply:
        if port not in self._connections:
            self._connections[port] = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        connection = self._connections[port]
        given: Any = headers
        connection.request(sent.method, path, sent.body, given)
        with connection.getresponse() as reply:
            return Reply(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read())

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()


def parsed(service: AttackedService, reply: Reply, name: str) -> dict[str, Any] | None:
    """Return botocore's reading of an answer; None where it cannot be read."""
    shape: Any = service.output_shape(name)
    streams = reply.status < 300 and service.operation(name).has_streaming_output
    body: Any = io.BytesIO(reply.body) if streams else reply.body
    response = {"status_code": reply.status, "headers": reply.headers, "body": body}
    try:
        found: dict[str, Any] = create_parser(service.protocol).parse(response, shape)
    except ResponseParserError:
        return None
    return found


def fault_of(service: AttackedService, method: str, reply: Reply, answer: Any) -> str:
    """Say what is wrong with an answer; empty for one that AWS could have given."""
    if answer is None:
        return "botocore cannot read it"
    if reply.status in _OF_HTTP:
        return ""
    if reply.status < 300 or reply.status == 304 or method == "HEAD":
        return "" if reply.status < 500 else "a HEAD that failed"
    code = answer.get("Error", {}).get("Code", "")
    if reply.status >= 500 and (reply.status, code) != (501, "NotImplemented"):
        return "a failure of the server"
    if not code or code.isdigit() or code in _INTERNAL:
        return "no code"
    return "" if "Message" in answer["Error"] else "no message"
