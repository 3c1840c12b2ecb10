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
    return is_loopback(peer) and not any(name in request.headers for name in _FORWARDED)
