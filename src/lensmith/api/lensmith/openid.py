"""/_lensmith/openid: GET says whether browsers sign in by an OpenID Connect provider.

…/sign-in sends the browser there; …/callback takes its answer and sends the browser to the
console with a token that begins one session.
"""

from __future__ import annotations

import time
from collections.abc import Callable

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
from lensmith.operations.call import Service
from lensmith.operations.lensmith import openid as sign_in

OPENID_PATH = "/_lensmith/openid"
_CALLBACK = f"{OPENID_PATH}/callback"


def openid_routes(service: Service, attempts: Attempts) -> list[BaseRoute]:
    routes = OpenIdRoutes(service, attempts)
    return [
        Route(OPENID_PATH, routes.show, methods=["GET"]),
        Route(f"{OPENID_PATH}/sign-in", routes.begin, methods=["GET"]),
        Route(_CALLBACK, routes.complete, methods=["GET"]),
    ]


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
                )
            except AccessDeniedException:
                self._attempts.note_failure(address)
                raise
            return self._redirect(request, f"/#token={token}", None)

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
