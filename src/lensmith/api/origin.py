"""Allow-lists of Host and Origin headers (decision 0015).

A page elsewhere can make a browser send requests here, and a DNS name of an attacker's can be
pointed at this machine. So both headers must be known before anything else looks at a request.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from lensmith.api.request import PRIVATE
from lensmith.config import Settings
from lensmith.domain.errors import ForeignRequestException
from lensmith.domain.host import is_address, is_loopback
from lensmith.wire.json_protocol import serialize_error

FOREIGN_ORIGIN = "lensmith.foreign_origin"
"""In a request's state: an allowed origin of a page elsewhere."""

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104
_DEFAULT_PORTS = {"http": 80, "https": 443}
_REMEMBERED = 256


class OriginCheck:
    """Answers 403 to requests for another host, and to those of pages that may not call."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._allowed = Allowed(settings)
        self._reason = lru_cache(_REMEMBERED)(self._allowed.reason_against)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        hosts, origins = [], []
        for name, value in scope["headers"]:
            if name == b"host":
                hosts.append(value)
            elif name == b"origin":
                origins.append(value)
        reason = self._reason(b",".join(hosts), b",".join(origins) if origins else None)
        if reason:
            error = ForeignRequestException(reason)
            await _refused(error, scope["state"]["request_id"])(scope, receive, send)
            return
        if origins and origins[0].decode("latin-1") in self._allowed.origins:
            scope["state"][FOREIGN_ORIGIN] = origins[0]
        await self._app(scope, receive, send)


def _refused(error: ForeignRequestException, request_id: str) -> Response:
    headers = {**PRIVATE, "x-amzn-ErrorType": error.code}
    body = serialize_error(error, request_id)
    return Response(body, error.status, headers, media_type="application/json")


class Allowed:
    """Compares headers with the lists of the settings."""

    def __init__(self, settings: Settings) -> None:
        self.origins = frozenset(origin.rstrip("/").lower() for origin in settings.allowed_origins)
        self._names = frozenset(
            name.lower() for name in (settings.host, *settings.allowed_hosts, "localhost")
        )
        self._any_address = settings.host in _EVERYWHERE

    def reason_against(self, host: bytes, origin: bytes | None) -> str | None:
        """Return the reason to refuse these headers, or None."""
        text = host.decode("latin-1").lower()
        if not self._is_known(_split(f"//{text}")):
            return (
                "This server does not answer to the host name of this request. Name it in "
                "LENSMITH_ALLOWED_HOSTS if it is meant to."
            )
        if origin is None or self._may_call(origin.decode("latin-1").lower(), text):
            return None
        return (
            "Pages of this origin may not call this server. Name it in LENSMITH_ALLOWED_ORIGINS "
            "if they are meant to."
        )

    def _is_known(self, host: SplitResult | None) -> bool:
        name = host.hostname if host is not None else None
        if name is None or host is None or host.username is not None or host.path:
            return False
        return name in self._names or is_loopback(name) or (self._any_address and is_address(name))

    def _may_call(self, origin: str, host: str) -> bool:
        """Accept the same host and port or a known one; TLS proxies change the scheme."""
        if origin in self.origins:
            return True
        given = _split(origin)
        if given is None or given.scheme not in _DEFAULT_PORTS or given.path or given.username:
            return False
        port = _DEFAULT_PORTS[given.scheme]
        own = _split(f"//{host}")
        return own is not None and (given.hostname, given.port or port) == (
            own.hostname,
            own.port or port,
        )


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port, parts.hostname
    except ValueError:
        return None
    return parts
