"""A client's connection: reads requests one after the other, writes what answers them."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import cast

import httptools
import structlog

from lensmith.gateway.http.proxies import TrustedProxies
from lensmith.gateway.http.reply import Reply, head
from lensmith.gateway.http.request import HIGH_WATER, Body, Request
from lensmith.wire.connections import ClientLimits, Connections

_IDLE_SECONDS = 75.0  # of a caller who was proved
_STALL_SECONDS = 240.0  # of a client that takes none of a full buffer
_LINGER_BYTES = 1 << 20
_LINGER_SECONDS = 1.0  # so that a refusal arrives before the connection is reset
_WRITE_HIGH_WATER = 1 << 20

log = structlog.get_logger(__name__)


class _RefusedError(Exception):
    """Ends the parser's work on a request that was refused."""


class ClientConnection(asyncio.Protocol):
    """Parses with httptools; `answer` is run for each request and writes its reply."""

    _body: Body | None

    def __init__(
        self,
        answer: Callable[[Request, ClientConnection], Awaitable[None]],
        connections: Connections,
        limits: ClientLimits,
        proxies: TrustedProxies,
    ) -> None:
        self._answer = answer
        self._connections = connections
        self._limits = limits
        self._proxies = proxies
        self.is_authenticated = False  # the caller of one of its requests was proved
        self._unfinished = 0  # bytes since the parser last got anywhere
        self._moved = False  # the parser got somewhere with the bytes that it has now
        self._is_refused = False
        self._lingers = _LINGER_BYTES  # left to discard after a refusal
        self._stalled_since = 0.0
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._paused_reading = False
        self._drained: asyncio.Future[None] | None = None
        self._begin_head()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(_WRITE_HIGH_WATER)
        peer = self.transport.get_extra_info("peername")
        self._peer = peer[0] if isinstance(peer, tuple) else ""
        self._is_tls = self.transport.get_extra_info("sslcontext") is not None
        self._parser = httptools.HttpRequestParser(self)
        self._loop = asyncio.get_running_loop()
        self._idle_since = self._loop.time()
        self._timer = self._loop.call_later(self._limits.seconds, self._end_if_overdue)
        if not self._connections.admit(self):
            self.refuse(503)

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            self._lingers -= len(data)
            if self._lingers <= 0:
                self.transport.abort()
            return
        self._moved = False
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserUpgrade, httptools.HttpParserError):
            self.refuse(400)
            return
        if self._moved:
            self._unfinished = 0
            return
        if not self._unfinished and self._task is None:
            self._idle_since = self._loop.time()  # a head begins
        self._unfinished += len(data)
        if self._unfinished > self._limits.head_bytes:
            self.refuse(431)

    def connection_lost(self, _: Exception | None) -> None:
        self._timer.cancel()
        self._connections.discard(self)
        if self._body is not None:
            self._body.break_off()
        for waiting in self._waiting:
            waiting[0].body.break_off()
        if self._drained is not None and not self._drained.done():
            self._drained.set_exception(ConnectionResetError("the client went away"))
        if self.abandoned is not None:
            self.abandoned()

    @property
    def eviction_rank(self) -> tuple[bool, float] | None:
        """Rank for `Connections`; None while a request is answered."""
        return None if self._task is not None else (self.is_authenticated, self._idle_since)

    def evict(self) -> None:
        self.transport.abort()

    def pause_writing(self) -> None:
        self._stalled_since = self._loop.time()
        self._drained = self._loop.create_future()
        self._drained.add_done_callback(lambda done: done.exception())
        if self.on_pause is not None:
            self.on_pause(True)

    def resume_writing(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None
        if self.on_pause is not None:
            self.on_pause(False)

    # httptools

    def on_url(self, url: bytes) -> None:
        self._size += len(url)
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._size += len(name) + len(value)
        self._count += 1
        if self._size > self._limits.head_bytes or self._count > self._limits.headers:
            self.refuse(431)
            raise _RefusedError
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        self._headers[key] = f"{self._headers[key]},{text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        self._moved = True
        headers = self._headers
        length = headers.get("content-length")
        chunked = "transfer-encoding" in headers
        known = None if chunked else int(length) if length and length.isdigit() else 0
        expects = headers.get("expect", "").lower() == "100-continue"
        self._body = body = Body(
            known, self._resume_reading, self._continue if expects else _nothing
        )
        target, _, query = self._url.decode("latin-1").partition("?")
        request = Request(
            self._parser.get_method().decode("latin-1"),
            target,
            query,
            headers,
            body,
            self._proxies.client(self._peer, headers, is_tls=self._is_tls),
            secrets.token_hex(8).upper(),
        )
        self._waiting.append((request, self._parser.should_keep_alive()))
        self._begin_head()
        self._body = body
        if self._task is None:
            self._next()

    def on_body(self, piece: bytes) -> None:
        self._moved = True
        body = self._body
        if body is None:
            return
        body.feed(piece)
        if body.held > HIGH_WATER and not self._paused_reading:
            self._paused_reading = True
            self.transport.pause_reading()

    def on_message_complete(self) -> None:
        self._moved = True
        if self._body is not None:
            self._body.end()

    # for what answers

    abandoned: Callable[[], None] | None = None  # called when the client goes away
    on_pause: Callable[[bool], None] | None = None  # called when the client reads too slowly

    @property
    def is_closing(self) -> bool:
        return self.transport.is_closing()

    def reply(
        self, request: Request, reply: Reply, further: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Write a whole reply."""
        headers = [*reply.headers, *further]
        if reply.status not in {204, 304} and not (
            request.method == "HEAD" and any(name == "Content-Length" for name, _ in headers)
        ):
            headers.append(("Content-Length", str(len(reply.body))))
        written = head(reply.status, headers)
        self.transport.write(written if request.method == "HEAD" else written + reply.body)

    async def drain(self) -> None:
        if self._drained is not None:
            await self._drained

    def refuse(self, status: int) -> None:
        """Answer a request that cannot be parsed, and close."""
        if self._is_refused or self.transport.is_closing():
            return
        self._is_refused = True
        if self._task is not None:  # a reply is under way, which this one must not end up in
            self.transport.abort()
            return
        self.transport.write(head(status, [("Content-Length", "0"), ("Connection", "close")]))
        if self.transport.can_write_eof():  # not by TLS
            self.transport.write_eof()
        self._loop.call_later(_LINGER_SECONDS, self.transport.abort)

    def stop(self) -> None:
        """Close now, or after the request that is being answered."""
        self._stopping = True
        if self._task is None:
            self.transport.close()

    # inside

    _stopping = False

    def _begin_head(self) -> None:
        self._url = b""
        self._headers: dict[str, str] = {}
        self._size = self._count = 0
        self._body = None

    def _continue(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _resume_reading(self) -> None:
        if self._paused_reading:
            self._paused_reading = False
            self.transport.resume_reading()

    def _next(self) -> None:
        request, keep_alive = self._waiting.popleft()
        self._task = self._loop.create_task(self._run(request, keep_alive))

    async def _run(self, request: Request, keep_alive: bool) -> None:
        try:
            await self._answer(request, self)
        except (ConnectionError, asyncio.CancelledError):
            self.transport.abort()
        except Exception as error:  # a connection's edge
            log.exception("request failed", error=str(error))
            self.transport.abort()
        self._finish(request, keep_alive)

    def _finish(self, request: Request, keep_alive: bool) -> None:
        self.abandoned = self.on_pause = None
        self._task = None
        self._idle_since = self._loop.time()
        if self.transport.is_closing():
            return
        if not keep_alive or self._stopping or not request.body.complete:
            self.transport.close()  # what is left of the body is not read
        elif self._waiting:
            self._next()

    def _end_if_overdue(self) -> None:
        now, seconds = self._loop.time(), self._limits.seconds
        if self._drained is not None and now - self._stalled_since >= _STALL_SECONDS:
            self.transport.abort()
            return
        is_patient = self.is_authenticated and not self._unfinished
        left = self._idle_since + (_IDLE_SECONDS if is_patient else seconds) - now
        if self._task is None and left <= 0:
            self.transport.abort()
            return
        self._timer = self._loop.call_later(min(max(left, 0.1), seconds), self._end_if_overdue)


def _nothing() -> None:
    pass
