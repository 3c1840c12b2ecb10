"""/_lensmith/session: POST signs a browser in, GET returns its caller, DELETE signs it out.

POST takes `{"token"}` from the address that `serve` prints, or `{"access_key_id",
"secret_access_key"}`, and answers `{"session"}`, which goes into X-Lensmith-Session from then on;
the cookie that comes with it only reads pictures (decision 0015).
"""

from __future__ import annotations

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import SESSION_HEADER, Principal
from lensmith.api.lensmith.attempts import Attempts
from lensmith.api.lensmith.openid import SESSION_PATH, openid_routes, whole_token
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.local_request import is_local
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.errors import (
    SerializationException,
    UnrecognizedClientException,
)
from lensmith.operations.call import Service
from lensmith.operations.lensmith import sessions
from lensmith.store.records.accounts import AccessKey
from lensmith.store.records.sessions import SESSION_SECONDS, NewSession
from lensmith.wire.sigv4 import SignedRequest

PICTURES_PATH = "/_lensmith/pictures"

_BODY_LIMIT = 8 << 10  # bytes
_UNKNOWN = frozenset(
    {
        "ExpiredTokenException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    }
)


class SignIn(Struct):
    """Holds the token that signs a browser in, or a key."""

    token: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    session_token: str | None = None  # of a temporary key


def session_routes(service: Service) -> list[BaseRoute]:
    attempts = Attempts()
    routes = SessionRoutes(service, attempts)
    return [
        *openid_routes(service, attempts),
        Route(SESSION_PATH, routes.post, methods=["POST"]),
        Route(SESSION_PATH, routes.get, methods=["GET"]),
        Route(SESSION_PATH, routes.delete, methods=["DELETE"]),
    ]


def picture_cookie(service: Service) -> str:
    """Name the cookie by port, because browsers send cookies to all ports of a host."""
    return f"lensmith-{service.settings.port}"


class SessionRoutes:
    def __init__(self, service: Service, attempts: Attempts) -> None:
        self._service = service
        self._attempts = attempts

    async def post(self, request: Request) -> Response:
        def signed_in(_: Service, http: SignedRequest) -> Principal:
            key = self._key(request, http)
            return Principal(key.caller, key.rights, self._service.settings.region, session=True)

        def work(principal: Principal, sent: ApiRequest) -> Reply:
            new = sessions.begin_session(self._service, principal.caller.access_key_id)
            who = sessions.who(self._service, principal.caller, new.expires_ms)
            body = {"session": new.token, **msgspec.to_builtins(who)}
            cookie = self._cookie(new, is_secure=sent.is_secure)
            return Reply(200, msgspec.json.encode(body), headers={"Set-Cookie": cookie, **_PRIVATE})

        reply = await answer_signed(self._service, request, "SignIn", work, signed_in, _BODY_LIMIT)
        return _forbidden(reply)

    async def get(self, request: Request) -> Response:
        def work(principal: Principal, sent: ApiRequest) -> Reply:
            token = sent.http.header(SESSION_HEADER) if principal.session else None
            ends = sessions.session_end_ms(self._service, token) if token else None
            who = sessions.who(self._service, principal.caller, ends)
            return Reply(200, msgspec.json.encode(who), headers=_PRIVATE)

        return _forbidden(await answer_signed(self._service, request, "GetSession", work))

    async def delete(self, request: Request) -> Response:
        def work(principal: Principal, sent: ApiRequest) -> Reply:
            if principal.session:
                sessions.end_session(self._service, sent.http.header(SESSION_HEADER) or "")
            gone = f"{picture_cookie(self._service)}=; Path={PICTURES_PATH}; Max-Age=0"
            return Reply(204, b"", headers={"Set-Cookie": gone})

        return _forbidden(await answer_signed(self._service, request, "SignOut", work))

    def _key(self, request: Request, http: SignedRequest) -> AccessKey:
        address = request.client.host if request.client else ""
        self._attempts.refuse_too_many(address)
        try:
            return self._key_of(request, _sign_in(http))
        except UnrecognizedClientException:
            self._attempts.note_failure(address)
            raise

    def _key_of(self, request: Request, given: SignIn) -> AccessKey:
        if given.token is not None:
            token = whole_token(self._service, request, given.token)
            return sessions.key_of_token(self._service, token, is_local=is_local(request))
        if given.access_key_id is None or given.secret_access_key is None:
            raise SerializationException("Send a token, or an access key id and its secret.")
        return sessions.key_of_secret(
            self._service, given.access_key_id, given.secret_access_key, given.session_token
        )

    def _cookie(self, new: NewSession, *, is_secure: bool) -> str:
        secure = "; Secure" if is_secure else ""
        return (
            f"{picture_cookie(self._service)}={new.picture_token}; Path={PICTURES_PATH}; "
            f"Max-Age={SESSION_SECONDS}; HttpOnly; SameSite=Strict{secure}"
        )


_PRIVATE = {"Cache-Control": "no-store"}


def _sign_in(http: SignedRequest) -> SignIn:
    try:
        return msgspec.json.decode(http.body, type=SignIn)
    except msgspec.MsgspecError as error:
        raise SerializationException("Send a JSON object with texts.") from error


def _forbidden(reply: Response) -> Response:
    """Set status 403 on errors that a new sign-in cures."""
    if reply.headers.get("x-amzn-errortype") in _UNKNOWN:
        reply.status_code = 403
    return reply
