"""/_lensmith/openid: GET says whether browsers sign in by an OpenID Connect provider.

…/sign-in sends the browser there; …/callback takes its answer and sends the browser to the
console with a token that begins one session. Half of the token is in a cookie, so that an address
with the other half signs no other browser in.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import anyio.to_thread
import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from lensmith.api.lensmith.attempts import Attempts
from lensmith.api.lensmith.signed import as_response, refused
from lensmith.api.request import PRIVATE, Reply
from lensmith.api.steps import log_reply, settled
from lensmith.domain.errors import AccessDeniedException
from lensmith.domain.policy.request_context import request_context
from lensmith.domain.policy.rights import Rights
from lensmith.operations.call import Service
from lensmith.operations.lensmith import openid as sign_in

OPENID_PATH = "/_lensmith/openid"
SESSION_PATH = "/_lensmith/session"
_CALLBACK = f"{OPENID_PATH}/callback"
_SHOWN = 22  # characters of a token that are in the address: 128 bits of 256


def openid_routes(service: Service, attempts: Attempts) -> list[BaseRoute]:
    routes = OpenIdRoutes(service, attempts)
    return [
        Route(OPENID_PATH, routes.show, methods=["GET"]),
        Route(f"{OPENID_PATH}/sign-in", routes.begin, methods=["GET"]),
        Route(_CALLBACK, routes.complete, methods=["GET"]),
    ]


def sign_in_cookie(service: Service) -> str:
    return f"lensmith-sign-in-{service.settings.port}"


def whole_token(service: Service, request: Request, token: str) -> str:
    """Join a token of an address with its half in the cookie; others are returned as they are."""
    kept = request.cookies.get(sign_in_cookie(service), "")
    return token + kept if len(token) == _SHOWN else token


class OpenIdRoutes:
    def __init__(self, service: Service, attempts: Attempts) -> None:
        self._service = service
        self._attempts = attempts

    async def show(self, _: Request) -> Response:
        body = {"configured": sign_in.is_configured(self._service)}
        return Response(msgspec.json.encode(body), 200, PRIVATE, media_type="application/json")

    async def begin(self, request: Request) -> Response:
        def work() -> Response:
            redirect_uri = f"{request.url.scheme}://{request.headers['host']}{_CALLBACK}"
            begun = sign_in.begin(self._service, redirect_uri)
            return self._redirect(request, begun.address, begun.cookie)

        return await self._answer(request, "BeginOpenIdSignIn", work)

    async def complete(self, request: Request) -> Response:
        def work() -> Response:
            query, address = request.query_params, request.client.host if request.client else ""
            self._attempts.refuse_too_many(address)
            try:
                token = sign_in.complete(
                    self._service,
                    request.cookies.get(self._cookie, ""),
                    query.get("state", ""),
                    _code(query.get("code"), query.get("error")),
                    request.state.request_id,
                    _conditions(self._service, request, address),
                )
            except AccessDeniedException:
                self._attempts.note_failure(address)
                raise
            reply = self._redirect(request, f"/#token={token[:_SHOWN]}", None)
            reply.set_cookie(
                sign_in_cookie(self._service),
                token[_SHOWN:],
                max_age=600,
                path=SESSION_PATH,
                secure=request.url.scheme == "https",
                httponly=True,
                samesite="strict",
            )
            return reply

        return await self._answer(request, "OpenIdSignIn", work)

    async def _answer(
        self, request: Request, operation: str, work: Callable[[], Response]
    ) -> Response:
        """Run `work` in a thread; errors are replies. Logs exactly one line."""
        arrived, request_id = time.perf_counter(), request.state.request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id, operation=operation)
        answer = await settled(
            anyio.to_thread.run_sync(work), lambda error: as_response(refused(error, request_id))
        )
        code = answer.headers.get("x-amzn-errortype")
        log_reply(operation, Reply(answer.status_code, b"", code), arrived)
        return answer

    def _redirect(self, request: Request, address: str, cookie: str | None) -> Response:
        """Send the browser on; the cookie is set, or taken back."""
        headers = {**PRIVATE, "Referrer-Policy": "no-referrer"}
        reply = RedirectResponse(address, 303, headers)
        reply.set_cookie(
            self._cookie,
            cookie or "",
            max_age=600 if cookie else 0,
            path=OPENID_PATH,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",  # the provider's page sends the browser back
        )
        return reply

    @property
    def _cookie(self) -> str:
        return f"lensmith-openid-{self._service.settings.port}"


def _code(code: str | None, error: str | None) -> str:
    if code is None:
        raise AccessDeniedException(f"The provider did not sign you in: {(error or '')[:100]}.")
    return code


def _conditions(service: Service, request: Request, address: str) -> dict[str, tuple[str, ...]]:
    """Return the condition keys of a sign-in, whose caller no key has proved."""
    return request_context(
        Rights.anonymous().identity,
        region=service.settings.region,
        now=datetime.now(UTC),
        is_secure=request.url.scheme == "https",
        source_ip=address,
        user_agent=request.headers.get("user-agent", ""),
        referer=request.headers.get("referer", ""),
    )
