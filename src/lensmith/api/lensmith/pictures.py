"""GET /_lensmith/pictures/{bucket}/{key}: a picture, upright; the only route that takes the cookie.

`size=320` (16 to 2048) gives a JPEG of at most that size in pixels, `size=full` the whole.
With `etag=` or `v=` the answer may be kept for ever.
"""

from __future__ import annotations

from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal, authenticate_reader
from lensmith.api.authorise import authorise
from lensmith.api.lensmith.dataset import number
from lensmith.api.lensmith.session import PICTURES_PATH, picture_cookie
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.operations.call import Service
from lensmith.operations.lensmith.pictures import (
    MAX_SIDE,
    MIN_SIDE,
    Picture,
    PictureAddress,
    Pictures,
)
from lensmith.wire.sigv4 import SignedRequest

PICTURE_PATH = f"{PICTURES_PATH}/{{bucket}}/{{key:path}}"

_THREADS = 16  # requests at once; most wait for the object store
_FULL = "full"
_OWN_SITES = {"same-origin", "none"}
_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def pictures_routes(service: Service) -> list[BaseRoute]:
    return [Route(PICTURE_PATH, PictureRoute(service).get, methods=["GET"])]


class PictureRoute:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._pictures = Pictures(service)
        self._limiter: CapacityLimiter | None = None  # belongs to the event loop

    async def get(self, request: Request) -> Response:
        address = PictureAddress(request.path_params["bucket"], request.path_params["key"])

        def reader(service: Service, http: SignedRequest) -> Principal:
            return authenticate_reader(service, http, self._cookie(request))

        def work(principal: Principal, sent: ApiRequest) -> Reply:
            authorise(principal, [address.to_read()], sent, self._service.settings)
            etag = self._pictures.etag(principal.caller, address)
            if request.headers.get("if-none-match") == f'"{etag}"':
                return Reply(304, b"", headers=_headers(request, etag))
            picture = self._picture(request, principal, address, etag)
            headers = {**_headers(request, etag), "Content-Type": picture.media_type}
            return Reply(200, picture.data, headers=headers)

        self._limiter = self._limiter or CapacityLimiter(_THREADS)
        return await answer_signed(
            self._service, request, "GetPicture", work, reader, limiter=self._limiter
        )

    def _picture(
        self, request: Request, principal: Principal, address: PictureAddress, etag: str
    ) -> Picture:
        size = request.query_params.get("size", "320")
        if size == _FULL:
            return self._pictures.whole(principal.caller, address, etag)
        side = number(size, "size", minimum=MIN_SIDE, maximum=MAX_SIDE)
        return self._pictures.small(principal.caller, address, etag, side)

    def _cookie(self, request: Request) -> str | None:
        """Return the cookie; None if a page of another site loads the picture."""
        if request.headers.get("sec-fetch-site", "none") not in _OWN_SITES:
            return None
        return request.cookies.get(picture_cookie(self._service))


def _headers(request: Request, etag: str) -> dict[str, str]:
    is_pinned = bool({"etag", "v"} & request.query_params.keys())
    kept = "max-age=31536000, immutable" if is_pinned else "no-cache"
    return {**_HEADERS, "ETag": f'"{etag}"', "Cache-Control": f"private, {kept}"}
