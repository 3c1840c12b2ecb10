"""Requests under /_lensmith/, signed by botocore with a user's keys."""

from __future__ import annotations

import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from tests.support.live_server import LiveServer


class SignedCaller:
    def __init__(self, server: LiveServer, user: str = "admin") -> None:
        given = server.exports(user)
        self._endpoint = given["AWS_ENDPOINT_URL_REKOGNITION"]
        self._region = given["AWS_REGION"]
        self._keys = Credentials(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"])

    def send(
        self, method: str, path: str, body: bytes = b"", *, signed: bool = True
    ) -> tuple[int, bytes]:
        """Status and body."""
        request = AWSRequest(method, self._endpoint + path, data=body)
        if signed:
            SigV4Auth(self._keys, "rekognition", self._region).add_auth(request)
        reply = URLLib3Session().send(request.prepare())
        return reply.status_code, reply.content

    def call(
        self, method: str, path: str, body: bytes = b"", *, signed: bool = True
    ) -> dict[str, Any]:
        """The JSON body of the answer, of an error too."""
        answer: dict[str, Any] = json.loads(self.send(method, path, body, signed=signed)[1])
        return answer
