"""Fetches what a provider publishes: its endpoints and the keys that it signs with.

By OpenID Connect Discovery 1.0: `<issuer>/.well-known/openid-configuration`, then `jwks_uri`. No
redirect is followed, an answer has at most 1 MiB and 5 seconds. Keys are kept for ten minutes; a
token with an unknown key id makes them be fetched again, at most every 30 seconds.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import jwt
import urllib3

from lensmith.domain.host import is_loopback

_SECONDS = 5.0
_MAX_BYTES = 1 << 20
_KEPT_SECONDS = 600.0
_AGAIN_SECONDS = 30.0


class ProviderError(Exception):
    """The provider did not answer as OpenID Connect wants it."""


class Provider:
    """One issuer. Thread-safe; every method may block for some seconds."""

    def __init__(self, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer = issuer
        self._clock = clock
        self._lock = threading.Lock()
        self._http = urllib3.PoolManager(
            num_pools=4,
            retries=False,
            timeout=urllib3.Timeout(total=_SECONDS),
            ssl_context=ssl.create_default_context(),
        )
        self._configuration: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, jwt.PyJWKSet] | None = None

    def endpoint(self, name: str) -> str:
        """Return an endpoint of the discovery document; raises ProviderError."""
        with self._lock:
            return self._endpoint(name)

    def signing_key(self, token: str) -> Any:
        """Return the key that a token names; raises ProviderError or jwt.PyJWTError."""
        key_id = jwt.get_unverified_header(token).get("kid")
        with self._lock:
            return self._find(key_id)

    def post(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        """Send a form and return the JSON of the answer; raises ProviderError."""
        return self._json(
            "POST", url, fields=dict(fields), headers=dict(headers), encode_multipart=False
        )

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
        return jwt.PyJWKSet.from_dict(self._json("GET", self._endpoint("jwks_uri")))

    def _endpoint(self, name: str) -> str:
        now = self._clock()
        if self._configuration is None or now - self._configuration[0] >= _KEPT_SECONDS:
            url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = self._json("GET", url)
            if found.get("issuer") != self.issuer:
                raise ProviderError(f"{url} is of another issuer")
            self._configuration = (now, found)
        address = self._configuration[1].get(name)
        if not isinstance(address, str):
            raise ProviderError(f"the provider names no {name}")
        return address

    def _json(self, method: str, url: str, **given: Any) -> dict[str, Any]:
        refuse_plain(url)
        try:
            reply = self._http.request(
                method, url, redirect=False, preload_content=False, decode_content=False, **given
            )
            try:
                body = reply.read(_MAX_BYTES + 1)
            finally:
                reply.close()
            if reply.status != 200 or len(body) > _MAX_BYTES:
                raise ProviderError(f"{url} answered {reply.status} and {len(body)} bytes")
            found = json.loads(body)
        except (urllib3.exceptions.HTTPError, ValueError, RecursionError) as error:
            raise ProviderError(f"{url} did not answer with JSON: {error}") from error
        if not isinstance(found, dict):
            raise ProviderError(f"{url} did not answer with a JSON object")
        return found


@lru_cache(maxsize=4)
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
