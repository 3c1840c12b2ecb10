"""A client's connection: reads requests one after the other, writes what answers them."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import cast

import httptools
import structlog

from lensmith.gateway.http.reply import Reply, head
from lensmith.gateway.http.request import HIGH_WATER, Body, Request

MAX_HEAD = 64 << 10  # bytes of a request's line and headers
IDLE_SECONDS = 75.0
_WRITE_HIGH_WATER = 1 << 20

log = structlog.get_logger(__name__)


class ClientConnection(asyncio.Protocol):
    """Parses with httptools; `answer` is run for each request and writes its reply."""

    _body: Body | None

    def __init__(
        self,
        answer: Callable[[Request, ClientConnection], Awaitable[None]],
        connections: set[ClientConnection],
    ) -> None:
        self._answer = answer
        self._connections = connections
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
        self._parser = httptools.HttpRequestParser(self)
        self._loop = asyncio.get_running_loop()
        self._idle_since = self._loop.time()
        self._timer = self._loop.call_later(IDLE_SECONDS, self._close_if_idle)
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.refuse(400)
        except httptools.HttpParserError:
            self.refuse(400)

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

    def pause_writing(self) -> None:
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
        if self._size > MAX_HEAD:
            self.refuse(431)
            return
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        self._headers[key] = f"{self._headers[key]},{text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
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
            self._peer,
            secrets.token_hex(8).upper(),
        )
        self._waiting.append((request, self._parser.should_keep_alive()))
        self._begin_head()
        self._body = body
        if self._task is None:
            self._next()

    def on_body(self, piece: bytes) -> None:
        body = self._body
        if body is None:
            return
        body.feed(piece)
        if body.held > HIGH_WATER and not self._paused_reading:
            self._paused_reading = True
            self.transport.pause_reading()

    def on_message_complete(self) -> None:
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
        if not self.transport.is_closing():
            self.transport.write(head(status, [("Content-Length", "0"), ("Connection", "close")]))
            self.transport.close()

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
        self._size = 0
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

    def _close_if_idle(self) -> None:
        idle = self._loop.time() - self._idle_since
        if self._task is None and idle >= IDLE_SECONDS:
            self.transport.close()
            return
        left = IDLE_SECONDS if self._task is not None else IDLE_SECONDS - idle
        self._timer = self._loop.call_later(max(left, 1.0), self._close_if_idle)


def _nothing() -> None:
    pass
