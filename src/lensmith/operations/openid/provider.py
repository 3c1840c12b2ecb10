"""Fetches what a provider publishes: its endpoints and the keys that it signs with.

By OpenID Connect Discovery 1.0: `<issuer>/.well-known/openid-configuration`, then `jwks_uri`. No
redirect is followed, an answer has at most 1 MiB and 5 seconds in all. Keys are kept for ten
minutes; a token with an unknown key id makes them be fetched again, at most every 30 seconds. A
provider that did not answer is asked again after ten seconds. Few fetches wait at a time, so that
hostile providers hold few of the threads that serve calls.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt

from lensmith.domain.host import is_loopback

_SECONDS = 5.0
_MAX_BYTES = 1 << 20
_KEPT_SECONDS = 600.0
_AGAIN_SECONDS = 30.0
_FAILED_SECONDS = 10.0
_FETCHES = threading.BoundedSemaphore(4)  # of all providers; calls have 32 threads


class ProviderError(Exception):
    """The provider did not answer as OpenID Connect wants it."""


class Provider:
    """One issuer. Thread-safe; every method may block for some seconds."""

    def __init__(
        self,
        issuer: str,
        clock: Callable[[], float] = time.monotonic,
        seconds: float = _SECONDS,  # for one answer
    ) -> None:
        self.issuer = issuer
        self._clock = clock
        self._seconds = seconds
        self._lock = threading.Lock()
        self._failed: tuple[float, str] | None = None
        self._configuration: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, jwt.PyJWKSet] | None = None

    def endpoint(self, name: str) -> str:
        """Return an endpoint of the discovery document; raises ProviderError."""
        with self._asking():
            return self._endpoint(name)

    def signing_key(self, token: str) -> Any:
        """Return the key that a token names; raises ProviderError or jwt.PyJWTError."""
        key_id = jwt.get_unverified_header(token).get("kid")
        with self._asking():
            return self._find(key_id)

    def post(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        """Send a form and return the JSON of the answer; raises ProviderError."""
        form = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return self._json("POST", url, urlencode(fields).encode(), form)

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        """Let one thread ask at a time; raises ProviderError at once after a failure."""
        if not self._lock.acquire(timeout=self._seconds):
            raise ProviderError(f"{self.issuer} is slow to answer")
        try:
            if self._failed is not None and self._clock() - self._failed[0] < _FAILED_SECONDS:
                raise ProviderError(self._failed[1])
            yield
        finally:
            self._lock.release()

    def _find(self, key_id: str | None) -> Any:
        now = self._clock()
        if self._keys is None or now - self._keys[0] >= _KEPT_SECONDS:
            self._keys = (now, self._fetched_keys())
        chosen = chosen_key(self._keys[1], key_id)
        if chosen is None and now - self._keys[0] >= _AGAIN_SECONDS:
            self._keys = (now, self._fetched_keys())
            chosen = chosen_key(self._keys[1], key_id)
        if chosen is None:
            raise jwt.InvalidKeyError(f"no key {str(key_id)[:64]!r}")
        return chosen

    def _fetched_keys(self) -> jwt.PyJWKSet:
        return jwt.PyJWKSet.from_dict(self._asked(self._endpoint("jwks_uri")))

    def _endpoint(self, name: str) -> str:
        now = self._clock()
        if self._configuration is None or now - self._configuration[0] >= _KEPT_SECONDS:
            url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = self._asked(url)
            if found.get("issuer") != self.issuer:
                raise ProviderError(f"{url} is of another issuer")
            self._configuration = (now, found)
        address = self._configuration[1].get(name)
        if not isinstance(address, str):
            raise ProviderError(f"the provider names no {name}")
        return address

    def _asked(self, url: str) -> dict[str, Any]:
        try:
            found = self._json("GET", url)
        except ProviderError as error:
            self._failed = (self._clock(), str(error))
            raise
        self._failed = None
        return found

    def _json(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        refuse_plain(url)
        if not _FETCHES.acquire(timeout=self._seconds):
            raise ProviderError("too many providers are slow to answer")
        try:
            status, data = _exchange(method, url, body, headers or {}, self._seconds)
            if status != 200 or len(data) > _MAX_BYTES:
                raise ProviderError(f"{url} answered {status} and {len(data)} bytes")
            found = json.loads(data)
        except (OSError, HTTPException, ValueError, RecursionError) as error:
            raise ProviderError(f"{url} did not answer with JSON: {error}") from error
        finally:
            _FETCHES.release()
        if not isinstance(found, dict):
            raise ProviderError(f"{url} did not answer with a JSON object")
        return found


@lru_cache(maxsize=64)
def provider_of(issuer: str) -> Provider:
    """Return the provider of an issuer, with what is kept of it."""
    return Provider(issuer)


def chosen_key(keys: jwt.PyJWKSet, key_id: str | None) -> Any:
    """Return the key with an id, or the only one for a token without an id; else None."""
    chosen = [key for key in keys.keys if key_id in (None, key.key_id)]
    return chosen[0].key if len(chosen) == 1 else None


def refuse_plain(url: str) -> None:
    """Raise ProviderError for what is neither https nor on this machine."""
    parts = urlsplit(url)
    is_local = parts.scheme == "http" and is_loopback(parts.hostname or "")
    if parts.scheme != "https" and not is_local:
        raise ProviderError(f"{url} must be https")


def _exchange(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], seconds: float
) -> tuple[int, bytes]:
    """Return status and body, of which one byte too many is read.

    The socket's own timeout counts from one byte to the next; a timer ends all of it.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection = (
        HTTPSConnection(host, parts.port, timeout=seconds, context=ssl.create_default_context())
        if parts.scheme == "https"
        else HTTPConnection(host, parts.port, timeout=seconds)
    )
    timer = threading.Timer(seconds, _end, [connection])
    timer.daemon = True
    timer.start()
    try:
        target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        connection.request(method, target, body, {"Accept": "application/json", **headers})
        reply = connection.getresponse()
        return reply.status, reply.read(_MAX_BYTES + 1)
    finally:
        timer.cancel()
        connection.close()


def _end(connection: HTTPConnection) -> None:
    opened = connection.sock
    if opened is not None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(opened, socket.SHUT_RDWR)
