"""A stand-in for the transit engine of Vault and OpenBao, as far as Lensmith asks it.

It follows https://openbao.org/api-docs/secret/transit; neither program is in a registry here.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "s.token-of-the-stand-in"


@dataclass
class Transit:
    """The engine, mounted at `transit`."""

    keys: dict[str, list[AESGCM]] = field(default_factory=dict)  # name -> versions
    address: str = ""
    is_sealed: bool = False  # as Vault is after a start, until its operators unseal it

    def create(self, name: str) -> None:
        self.keys.setdefault(name, []).append(AESGCM(AESGCM.generate_key(256)))

    def encrypt(self, name: str, plaintext: bytes, context: bytes) -> str:
        versions = self.keys[name]
        nonce = secrets.token_bytes(12)
        sealed = nonce + versions[-1].encrypt(nonce, plaintext, context)
        return f"vault:v{len(versions)}:{base64.b64encode(sealed).decode()}"

    def decrypt(self, name: str, ciphertext: str, context: bytes) -> bytes:
        _, version, sealed = ciphertext.split(":")
        content = base64.b64decode(sealed)
        return self.keys[name][int(version[1:]) - 1].decrypt(content[:12], content[12:], context)

    def answer(self, action: str, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if name not in self.keys:
            return (404 if action == "keys" else 400), {"errors": ["encryption key not found"]}
        context = base64.b64decode(body.get("context", ""))
        try:
            return 200, {"data": self._data(action, name, body, context)}
        except (InvalidTag, ValueError):
            return 400, {"errors": ["invalid ciphertext: unable to decrypt"]}

    def _data(self, action: str, name: str, body: dict[str, Any], context: bytes) -> dict[str, Any]:
        if action == "keys":
            return {"name": name, "latest_version": len(self.keys[name]), "type": "aes256-gcm96"}
        if action == "datakey/plaintext":
            plaintext = secrets.token_bytes(body["bits"] // 8)
            encoded = base64.b64encode(plaintext).decode()
            return {"plaintext": encoded, "ciphertext": self.encrypt(name, plaintext, context)}
        if action == "encrypt":
            plaintext = base64.b64decode(body["plaintext"])
            return {"ciphertext": self.encrypt(name, plaintext, context)}
        plaintext = self.decrypt(name, body["ciphertext"], context)
        if action == "rewrap":
            return {"ciphertext": self.encrypt(name, plaintext, context)}
        return {"plaintext": base64.b64encode(plaintext).decode()}


@contextmanager
def serving() -> Iterator[Transit]:
    """Serve on a free port of loopback."""
    transit = Transit()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            self._answer(json.loads(self.rfile.read(length)))

        def _answer(self, body: dict[str, Any]) -> None:
            _, _, mount, action, *rest = self.path.split("/")
            name = rest[-1]
            action = "/".join([action, *rest[:-1]])
            if transit.is_sealed:
                status, answer = 503, {"errors": ["Vault is sealed"]}
            elif self.headers["X-Vault-Token"] != TOKEN or mount != "transit":
                status, answer = 403, {"errors": ["permission denied"]}
            else:
                status, answer = transit.answer(action, name, body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        transit.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield transit
        server.shutdown()
        thread.join()
