"""A signed-in browser, as the console's pages call the server: without AWS's signatures."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import Any

from tests.support.live_server import LiveServer

TARGET = "RekognitionService."


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.body)
        return answer

    @property
    def code(self) -> str | None:
        """Of an error."""
        return self.headers.get("x-amzn-errortype")


@dataclass
class BrowserSession:
    server: LiveServer
    headers: dict[str, str] = field(default_factory=dict)
    cookie: str = ""

    @classmethod
    def open(cls, server: LiveServer, user: str = "admin") -> BrowserSession:
        """Sign in by a user's key."""
        keys = server.exports(user)
        browser = cls(server)
        body = {
            "access_key_id": keys["AWS_ACCESS_KEY_ID"],
            "secret_access_key": keys["AWS_SECRET_ACCESS_KEY"],
        }
        answer = browser.post("/_lensmith/session", body)
        assert answer.status == 200, answer.body
        browser.headers["X-Lensmith-Session"] = answer.json["session"]
        browser.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return browser

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=120)
        try:
            connection.request(method, path, body, {**self.headers, **(headers or {})})
            reply = connection.getresponse()
            return Answer(reply.status, reply.headers, reply.read())
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def post(self, path: str, body: Any) -> Answer:
        return self.send("POST", path, json.dumps(body).encode())

    def put(self, path: str, body: Any) -> Answer:
        return self.send("PUT", path, json.dumps(body).encode())

    def delete(self, path: str) -> Answer:
        return self.send("DELETE", path)

    def operation(self, name: str, **members: Any) -> Answer:
        """An operation of AWS, without a signature."""
        headers = {"X-Amz-Target": TARGET + name, "Content-Type": "application/x-amz-json-1.1"}
        return self.send("POST", "/", json.dumps(members).encode(), headers)
