"""Calls of AWS pass Starlette's middleware and routes by."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class AwsFastPath:
    """Sends `POST /` straight to the calls of AWS, everything else to the routes."""

    def __init__(self, calls: ASGIApp, routes: ASGIApp) -> None:
        self._calls = calls
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_call = scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "POST"
        await (self._calls if is_call else self._routes)(scope, receive, send)
