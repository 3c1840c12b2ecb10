"""A small OpenID Connect provider: discovery, keys, authorization codes with PKCE."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

CLIENT, SECRET = "lensmith console", "s3cret/:"


@dataclass
class OpenIdProvider:
    """Signs everybody in at once, with the claims that the test sets."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "ada", "groups": ["vision"]})
    documents: dict[str, Callable[[], tuple[int, bytes]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # paths, in their order
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: dict[str, ec.EllipticCurvePrivateKey] = field(default_factory=dict)
    key_id: str = ""
    state: str = ""  # sent back instead of the one that was given

    def __post_init__(self) -> None:
        self.rotate("one")

    def rotate(self, key_id: str) -> None:
        """Sign by a new key from now on, the only one that is published."""
        self.keys, self.key_id = {key_id: ec.generate_private_key(ec.SECP256R1())}, key_id

    def token(self, **claims: Any) -> str:
        now = int(time.time())
        payload = {"iss": self.issuer, "iat": now, "exp": now + 600, **self.claims, **claims}
        return jwt.encode(payload, self.keys[self.key_id], "ES256", headers={"kid": self.key_id})

    def answer(self, method: str, path: str, query: dict[str, str], authorization: str) -> Any:
        """Return status, headers, body."""
        self.asked.append(path)
        if path in self.documents:
            status, body = self.documents[path]()
            return status, {"Location": f"{self.issuer}/jwks"} if status == 302 else {}, body
        if path == "/.well-known/openid-configuration":
            return 200, {}, self._configuration()
        if path == "/jwks":
            return 200, {}, self._jwks()
        if path == "/authorize":
            code = secrets.token_hex(8)
            self.codes[code] = query
            back = {"code": code, "state": self.state or query["state"]}
            return 302, {"Location": f"{query['redirect_uri']}?{urlencode(back)}"}, b""
        if path == "/token" and method == "POST":
            return self._exchanged(query, authorization)
        return 404, {}, b""

    def _configuration(self) -> bytes:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
        }
        return json.dumps(found).encode()

    def _jwks(self) -> bytes:
        keys = []
        for key_id, key in self.keys.items():
            public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
            keys.append({**public, "kid": key_id, "use": "sig"})
        return json.dumps({"keys": keys}).encode()

    def _exchanged(self, form: dict[str, str], authorization: str) -> Any:
        begun = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        if (
            begun is None
            or begun["code_challenge_method"] != "S256"
            or begun["code_challenge"] != challenge
            or begun["redirect_uri"] != form["redirect_uri"]
            or pair != "lensmith%20console:s3cret%2F%3A"
        ):
            return 400, {}, b'{"error": "invalid_grant"}'
        claims = {"aud": CLIENT, "nonce": begun["nonce"], **self.claims}
        return 200, {}, json.dumps({"id_token": self.token(**claims)}).encode()


@contextlib.contextmanager
def openid_provider() -> Iterator[OpenIdProvider]:
    provider = OpenIdProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(dict(_pairs(urlsplit(self.path).query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._reply(_form(self.headers["Content-Type"], body))

        def log_message(self, *_: Any) -> None:
            pass

        def _reply(self, query: dict[str, str]) -> None:
            path = urlsplit(self.path).path
            given = self.headers.get("Authorization", "")
            status, headers, body = provider.answer(self.command, path, query, given)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield provider
        server.shutdown()


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    return ((name, values[0]) for name, values in parse_qs(text).items())


def _form(media_type: str, body: bytes) -> dict[str, str]:
    assert media_type == "application/x-www-form-urlencoded", media_type
    return dict(_pairs(body.decode()))
