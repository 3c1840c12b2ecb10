"""Detects requests of programs on this machine."""

from __future__ import annotations

from starlette.requests import Request

from lensmith.domain.host import is_loopback

_FORWARDED = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
)


def is_local(request: Request) -> bool:
    """Return whether the request came directly: a proxy on this machine would make all local."""
    peer = request.client.host if request.client else ""
    # nginx speaks HTTP/1.0 to its upstreams and adds nothing, unless configured; programs use 1.1.
    is_direct = request.scope["http_version"] != "1.0"
    is_direct = is_direct and not any(name in request.headers for name in _FORWARDED)
    return is_loopback(peer) and is_direct
