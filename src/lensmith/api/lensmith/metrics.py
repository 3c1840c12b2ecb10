"""GET /metrics, for Prometheus.

With LENSMITH_METRICS_TOKEN it takes `Authorization: Bearer <token>` and nothing else. Without, it
answers only programs on this machine that ask a server listening on loopback for which neither
proxies nor host names are configured.
"""

from __future__ import annotations

import hmac

import anyio.to_thread
import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from lensmith.api.local_request import is_local
from lensmith.config import Settings
from lensmith.domain.host import is_loopback
from lensmith.metrics.exposition import CONTENT_TYPE, Exposition

log = structlog.get_logger(__name__)

_HOW_TO = (
    "Metrics need `Authorization: Bearer` with the token in LENSMITH_METRICS_TOKEN. Without a "
    "token they are for programs on this machine, while the server listens on loopback and "
    "LENSMITH_ALLOWED_HOSTS and LENSMITH_TRUSTED_PROXIES are empty.\n"
)


def metrics_routes(settings: Settings, exposition: Exposition) -> list[BaseRoute]:
    async def metrics(request: Request) -> Response:
        if not _may_read(settings, request):
            return PlainTextResponse(_HOW_TO, 401, {"WWW-Authenticate": "Bearer"})
        return await anyio.to_thread.run_sync(_answer, exposition)

    return [Route("/metrics", metrics, methods=["GET"])]


def _answer(exposition: Exposition) -> Response:
    try:
        return Response(exposition.text(), headers={"Content-Type": CONTENT_TYPE})
    except Exception:
        log.exception("metrics could not be collected")
        return PlainTextResponse("Metrics could not be collected.\n", 500)


def _may_read(settings: Settings, request: Request) -> bool:
    if settings.metrics_token:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        same = hmac.compare_digest(given.strip().encode(), settings.metrics_token.encode())
        return same and scheme.lower() == "bearer"
    # Who names proxies or host names is reached through them, whatever a request says.
    is_reached = bool(settings.trusted_proxies or settings.allowed_hosts)
    # A name in a web page's address that resolves to loopback would make every page local.
    names = (settings.host, request.url.hostname or "")
    return is_local(request) and not is_reached and all(map(is_loopback, names))
