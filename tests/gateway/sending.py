"""Sends exactly what a test wants, signed by botocore's signer."""

from __future__ import annotations

import http.client
from hashlib import sha256
from typing import Any

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.gateway.conftest import User
from tests.support.live_server import LiveServer

Answer = tuple[int, dict[str, str], bytes]


class _Signer(S3SigV4Auth):
    """Signs the payload hash that the test chose."""

    chosen = ""

    def payload(self, request: Any) -> str:
        return self.chosen


def send_signed(
    server: LiveServer,
    user: User,
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    host: str = "",
) -> Answer:
    """Send a request to a Host of one's choice; the hash of its body unless a header says other."""
    given = {"Host": host or f"127.0.0.1:{server.s3_port}", **(headers or {})}
    given.setdefault("X-Amz-Content-SHA256", sha256(body).hexdigest())
    request = AWSRequest(method, f"http://{given['Host']}{path}", given, body)
    signer = _Signer(Credentials(user.key_id, user.secret), "s3", "us-east-1")
    signer.chosen = given["X-Amz-Content-SHA256"]
    signer.add_auth(request)
    connection = http.client.HTTPConnection("127.0.0.1", server.s3_port, timeout=60)
    connection.request(method, path, body, dict(request.headers.items()))
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, content
