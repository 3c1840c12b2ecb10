"""PUT of an object: streamed into the store, while the client still sends."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

import anyio.to_thread
import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from lensmith.api.audit import audit_route
from lensmith.api.authenticate import Principal, authenticate
from lensmith.api.authorise import authorise
from lensmith.api.body import BodyLimits, read_body
from lensmith.api.call_pool import CallOffload
from lensmith.api.lensmith.signed import as_response, refused, unless_broken_off
from lensmith.api.request import ApiRequest, Body, Reply, received
from lensmith.api.steps import admit, log_reply, settled
from lensmith.domain.audit_event import DataEvents
from lensmith.domain.errors import InvalidSignatureException, RequestTimeoutException
from lensmith.operations.call import Permission, Service
from lensmith.operations.lensmith.objects import refuse_odd_key
from lensmith.operations.lensmith.upload import Upload, part_bytes

PAUSE_SECONDS = 60.0  # of a client in the middle of an object

_HASH = re.compile(r"[0-9a-f]{64}")
_CONTENT_HASH = "x-amz-content-sha256"
_MAX_UNDECLARED = 8 << 20  # bytes, signed without a hash that comes before them

log = structlog.get_logger(__name__)


async def answer_upload(
    service: Service, request: Request, needed: Permission, bucket: str, key: str
) -> Response:
    """Write the body as an object; `{"etag"}`. Logs exactly one line.

    A signed request says the hash of its body in x-amz-content-sha256, or has at most 8 MiB.
    """
    arrived = time.perf_counter()
    request_id = request.state.request_id
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id, operation="PutObject")
    arriving = _Arriving(request, needed, bucket, key, arrived)
    steps = unless_broken_off(_steps(service, arriving))
    reply = await settled(steps, lambda error: refused(error, request_id))
    if arriving.sent is not None and arriving.principal is not None:
        objects = DataEvents.OBJECTS
        audit_route(service, "PutObject", arriving.sent, arriving.principal, reply, objects)
    log_reply("PutObject", reply, arrived)
    return as_response(reply)


@dataclass(slots=True)
class _Arriving:
    """An upload: what is needed for it, and its caller once it is known."""

    request: Request
    needed: Permission
    bucket: str
    key: str
    arrived: float
    sent: ApiRequest | None = None
    principal: Principal | None = None


async def _steps(service: Service, arriving: _Arriving) -> Reply:
    request, needed = arriving.request, arriving.needed
    body, hashed = await _before_the_body(request)
    arriving.sent = sent = received(request, body, arriving.arrived)
    offload = CallOffload(anyio.to_thread.run_sync, service.records.cache_only())
    principal = await offload.unless_cached(partial(authenticate, service, sent.http))
    arriving.principal = principal
    sent.connection.is_authenticated = True
    structlog.contextvars.bind_contextvars(**principal.logged)
    admit(service, principal)
    if service.audit is not None and service.audit.keeps(DataEvents.OBJECTS):
        service.audit.require_room()
    upload = _upload(service, request, principal, arriving.bucket, arriving.key)
    length = int(request.headers.get("content-length", "0"))
    part = part_bytes(length)
    await offload.unless_cached(partial(_refuse, principal, needed, sent, upload))
    if not 0 < length <= part:  # else it is one request to the store, conditional itself
        await offload(upload.refuse_taken)
    pieces = _one(body.data) if body.data or not hashed else request.stream()
    expected = body.sha256 if hashed and not body.data else None
    etag = await _Sending(upload, part, expected).send(pieces)
    return Reply(200, msgspec.json.encode({"etag": etag}))


async def _before_the_body(request: Request) -> tuple[Body, bool]:
    """Read what the signature covers; returns also whether the body is yet to be read."""
    declared = request.headers.get(_CONTENT_HASH, "")
    if "authorization" not in request.headers:
        return Body(), True
    if _HASH.fullmatch(declared):
        return Body(b"", declared), True
    limits = BodyLimits(max_bytes=_MAX_UNDECLARED)
    return await read_body(request, limits, request.app.state.body_memory), False


def _upload(
    service: Service, request: Request, principal: Principal, bucket: str, key: str
) -> Upload:
    media_type = request.headers.get("content-type", "application/octet-stream")
    only_new = request.headers.get("if-none-match", "").strip() == "*"
    return Upload(service, principal.caller, bucket, key, media_type, only_new)


def _refuse(principal: Principal, needed: Permission, sent: ApiRequest, upload: Upload) -> None:
    authorise(principal, [needed], sent, upload.service.settings)
    refuse_odd_key(upload.key)


async def _one(data: bytes) -> AsyncIterator[bytes]:
    yield data


class _Sending:
    """Gathers parts and hands each to the store, before the next is read."""

    def __init__(self, upload: Upload, part: int, expected_hash: str | None) -> None:
        self._upload = upload
        self._part = part
        self._expected = expected_hash
        self._hash = sha256()
        self._pending = bytearray()

    async def send(self, pieces: AsyncIterator[bytes]) -> str:
        """Upload the pieces and return the ETag; nothing stays in the store when this raises."""
        try:
            while (piece := await self._next(pieces)) is not None:
                self._pending += piece
                if self._expected is not None:
                    self._hash.update(piece)
                if len(self._pending) > self._part:
                    await self._send_part()
            if self._expected is not None and self._hash.hexdigest() != self._expected:
                raise InvalidSignatureException(f"{_CONTENT_HASH} is not the hash of the body.")
            return await anyio.to_thread.run_sync(self._upload.finish, bytes(self._pending))
        except BaseException:
            await self._drop()
            raise

    async def _next(self, pieces: AsyncIterator[bytes]) -> bytes | None:
        try:
            async with asyncio.timeout(PAUSE_SECONDS):
                return await anext(pieces, None)
        except TimeoutError as error:
            raise RequestTimeoutException from error

    async def _send_part(self) -> None:
        part = bytes(self._pending[: self._part])
        del self._pending[: self._part]
        await anyio.to_thread.run_sync(self._upload.add, part)

    async def _drop(self) -> None:
        try:
            await anyio.to_thread.run_sync(self._upload.drop)
        except Exception as error:  # noqa: BLE001 (the first failure is what the client gets)
            log.warning("parts of an upload stay in the store", error=str(error))
