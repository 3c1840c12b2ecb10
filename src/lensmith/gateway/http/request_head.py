"""The head of a request while it arrives: its target and headers, bounded."""

from __future__ import annotations

import random

from lensmith.gateway.http.proxies import Client
from lensmith.gateway.http.request import Body, Request
from lensmith.wire.connections import ClientLimits


class _TooLargeError(Exception):
    """Ends the parser's work on a head that is refused."""


class RequestHead:
    """Collects what httptools finds."""

    def __init__(self, limits: ClientLimits) -> None:
        self._limits = limits
        self.is_too_large = False
        self.begin()

    def begin(self) -> None:
        self._url = b""
        self.headers: dict[str, str] = {}
        self._size = self._count = 0

    def on_url(self, url: bytes) -> None:
        self._size += len(url)
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._size += len(name) + len(value)
        self._count += 1
        if self._size > self._limits.head_bytes or self._count > self._limits.headers:
            self.is_too_large = True
            raise _TooLargeError
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        self.headers[key] = f"{self.headers[key]},{text}" if key in self.headers else text

    @property
    def body_length(self) -> int | None:
        """Bytes of the body; None when it is chunked."""
        if "transfer-encoding" in self.headers:
            return None
        length = self.headers.get("content-length")
        return int(length) if length and length.isdigit() else 0

    def request(self, method: str, body: Body, client: Client) -> Request:
        """Return the whole head as a request with a new id."""
        target, _, query = self._url.decode("latin-1").partition("?")
        request_id = f"{random.getrandbits(64):016X}"
        return Request(method, target, query, self.headers, body, client, request_id)
