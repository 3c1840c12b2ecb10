"""A client's connection: reads requests one after the other, writes what answers them."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import cast

import httptools
import structlog

from lensmith.gateway.http.eager import start
from lensmith.gateway.http.object_stream import duplicate
from lensmith.gateway.http.proxies import TrustedProxies
from lensmith.gateway.http.reply import Reply, head
from lensmith.gateway.http.request import HIGH_WATER, NO_BODY, Body, Request
from lensmith.gateway.http.request_head import RequestHead
from lensmith.wire.connections import ClientLimits, Connections
from lensmith.wire.tls import tls_version

_IDLE_SECONDS = 75.0  # of a caller who was proved
_MAX_WAITING = 16  # requests that a client sends before it has read the first answer
_LINGER_BYTES = 1 << 20
_LINGER_SECONDS = 1.0  # so that a refusal arrives before the connection is reset
_WRITE_HIGH_WATER = 1 << 20

log = structlog.get_logger(__name__)


class ClientConnection(asyncio.Protocol):
    """Parses with httptools; `answer` is run for each request and writes its reply."""

    _body: Body | None = None

    def __init__(
        self,
        answer: Callable[[Request, ClientConnection], Awaitable[None]],
        connections: Connections,
        limits: ClientLimits,
        proxies: TrustedProxies,
        arrived: Callable[[], None] = lambda: None,
    ) -> None:
        """`arrived` is called before requests are answered whose bytes were read just now."""
        self._answer = answer
        self._connections = connections
        self._limits = limits
        self._proxies = proxies
        self._arrived = arrived
        self.is_authenticated = False  # the caller of one of its requests was proved
        self._unfinished = 0  # bytes since the parser last got anywhere
        self._moved = False  # the parser got somewhere with the bytes that it has now
        self._is_refused = False
        self._lingers = _LINGER_BYTES  # left to discard after a refusal
        self._stalled_since: float | None = None
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._is_busy = False  # a request is being answered
        self._goes_on = self._stopping = False  # its reply will be ended by `finish`
        self._task: asyncio.Task[None] | None = None  # kept from the garbage collector
        self._paused_reading = False
        self._drained: asyncio.Future[None] | None = None
        self._head = RequestHead(limits)
        self.on_url, self.on_header = self._head.on_url, self._head.on_header  # of httptools

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(_WRITE_HIGH_WATER)
        peer = self.transport.get_extra_info("peername")
        self._peer = peer[0] if isinstance(peer, tuple) else ""
        self._tls_version = tls_version(self.transport)
        self._client = self._proxies.only_client(self._peer, self._tls_version)
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
            self.refuse(431 if self._head.is_too_large else 400)
            return
        if len(self._waiting) > _MAX_WAITING:
            self._pause_reading()
        if self._moved:
            self._unfinished = 0
            if self._waiting and not self._is_busy:
                self._arrived()
                self._go_on()
            return
        if not self._unfinished and not self._is_busy:
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
        if self._raw is not None:
            self._raw.close()

    @property
    def eviction_rank(self) -> tuple[bool, float] | None:
        """Rank for `Connections`; None while a request is answered."""
        return None if self._is_busy else (self.is_authenticated, self._idle_since)

    def evict(self) -> None:
        self.transport.abort()

    def pause_writing(self) -> None:
        self.stalled(True)
        self._drained = self._loop.create_future()
        self._drained.add_done_callback(lambda done: done.exception())
        if self.on_pause is not None:
            self.on_pause(True)

    def resume_writing(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None
        self._stalled_since = None
        if self.on_pause is not None:
            self.on_pause(False)
        self._loop.call_soon(self._go_on)

    def on_headers_complete(self) -> None:
        self._moved = True
        arrived, headers = self._head, self._head.headers
        body = NO_BODY
        length = arrived.body_length
        if length != 0:
            expects = headers.get("expect", "").lower() == "100-continue"
            body = Body(length, self._resume_reading, self._continue if expects else lambda: None)
        client = self._client or self._proxies.client(self._peer, headers, self._tls_version)
        request = arrived.request(self._parser.get_method().decode("latin-1"), body, client)
        self._waiting.append((request, self._parser.should_keep_alive()))
        arrived.begin()
        self._body = body

    def on_body(self, piece: bytes) -> None:
        self._moved = True
        body = self._body
        if body is None:
            return
        body.feed(piece)
        if body.held > HIGH_WATER:
            self._pause_reading()

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
        if self.transport.is_closing():
            return
        ending = () if request.body.complete else (("Connection", "close"),)  # by `finish`
        headers = [*reply.headers, *further, *ending]
        if reply.status not in {204, 304} and not (
            request.method == "HEAD" and any(name == "Content-Length" for name, _ in headers)
        ):
            headers.append(("Content-Length", str(len(reply.body))))
        written = head(reply.status, headers)
        self.transport.write(written if request.method == "HEAD" else written + reply.body)

    def raw_socket(self) -> socket.socket | None:
        """Return the socket itself; None under TLS, and while a reply waits to be written."""
        if self.transport.get_write_buffer_size() or self.transport.is_closing():
            return None
        if self._raw is None and not self._tls_version:
            self._raw = duplicate(self.transport)
        return self._raw

    def reply_goes_on(self) -> None:
        """Leave the end of the reply to a call of `finish`."""
        self._goes_on = True

    def finish(self) -> None:
        """End a reply; the next request is answered."""
        self.abandoned = self.on_pause = None
        self._is_busy = self._goes_on = False
        self._idle_since = self._loop.time()
        if self.transport.is_closing():
            return
        if not self._keep_alive or self._stopping or not self._request.body.complete:
            self.transport.close()  # what is left of the body is not read
        elif self._waiting or self._paused_reading:  # by a body that was not read
            self._loop.call_soon(self._go_on)

    def stalled(self, is_stalled: bool) -> None:
        """Note that the client takes nothing for now, or does again."""
        self._stalled_since = self._loop.time() if is_stalled else None

    async def drain(self) -> None:
        if self._drained is not None:
            await self._drained

    def refuse(self, status: int) -> None:
        """Answer a request that cannot be parsed, and close."""
        if self._is_refused or self.transport.is_closing():
            return
        self._is_refused = True
        if self._is_busy:  # a reply is under way, which this one must not end up in
            self.transport.abort()
            return
        self.transport.write(head(status, [("Content-Length", "0"), ("Connection", "close")]))
        if self.transport.can_write_eof():  # not by TLS
            self.transport.write_eof()
        self._loop.call_later(_LINGER_SECONDS, self.transport.abort)

    def stop(self) -> None:
        """Close now, or after the request that is being answered."""
        self._stopping = True
        if not self._is_busy:
            self.transport.close()

    # inside

    _raw: socket.socket | None = None

    def _continue(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _pause_reading(self) -> None:
        if not self._paused_reading:
            self._paused_reading = True
            self.transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._paused_reading and not self.transport.is_closing():
            self._paused_reading = False
            self.transport.resume_reading()

    def _go_on(self) -> None:
        """Answer the requests that wait, one after the other; not before the client reads."""
        while self._waiting and not (self._is_busy or self._drained or self.transport.is_closing()):
            self._request, self._keep_alive = self._waiting.popleft()
            self._is_busy = True
            run = self._run(self._request)
            if self._request.body.complete:
                self._task = start(self._loop, run)
            else:
                self._task = self._loop.create_task(run)
        if not self._waiting:
            self._resume_reading()

    async def _run(self, request: Request) -> None:
        try:
            await self._answer(request, self)
        except (ConnectionError, asyncio.CancelledError):
            self.transport.abort()
        except Exception as error:  # a connection's edge
            log.exception("request failed", error=str(error))
            self.transport.abort()
        if not self._goes_on:
            self.finish()

    def _end_if_overdue(self) -> None:
        now, seconds = self._loop.time(), self._limits.seconds
        stalled = self._stalled_since
        if stalled is not None and now - stalled >= self._limits.stall_seconds:
            self.transport.abort()
            return
        is_patient = self.is_authenticated and not self._unfinished
        left = self._idle_since + (_IDLE_SECONDS if is_patient else seconds) - now
        if not self._is_busy and left <= 0:
            self.transport.abort()
            return
        self._timer = self._loop.call_later(min(max(left, 0.1), seconds), self._end_if_overdue)
