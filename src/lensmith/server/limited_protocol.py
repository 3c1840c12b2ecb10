"""One connection of a client, with limits on what it may cost before it proved a caller.

Relies on uvicorn 0.54 (protocols/http/httptools_impl.py): `send_400_response` after an error in a
callback of the parser, `cycle.response_complete`, `cycle.more_body`, `app_state` copied into the
state of each request, and the keep-alive timer that ends with any byte received.
"""

from __future__ import annotations

import asyncio
from typing import Any

from lensmith.api.fast_path.http_protocol import HttpProtocol
from lensmith.api.request import CONNECTION, ClientConnection
from lensmith.wire.connections import ClientLimits, Connections

_LINGER_SECONDS = 1.0
_LINGER_BYTES = 1 << 20

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)
_NO_ROOM = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class _HeadTooLargeError(Exception):
    """The parser turns it into its own error."""


class LimitedProtocol(HttpProtocol):
    """Refuses large heads and ends connections that are silent or drip."""

    def __init__(self, limits: ClientLimits, connections: Connections, **uvicorn: Any) -> None:
        super().__init__(**uvicorn)
        self._limits = limits
        self._connections = connections
        self._caller = ClientConnection()
        self.app_state = {**self.app_state, CONNECTION: self._caller}
        self._unfinished = 0  # bytes since the parser last got anywhere
        self._moved = False  # the parser got somewhere with the bytes that it has now
        self._fed = 0  # bytes that it has now, with the unfinished ones
        self._head_too_large = False
        self._lingers = 0  # bytes left to discard after a refusal
        self._since = self.loop.time()  # the client's turn began
        self._deadline: asyncio.TimerHandle | None = None
        self._write_deadline: asyncio.TimerHandle | None = None

    @property
    def eviction_rank(self) -> tuple[bool, float] | None:
        """Rank for `Connections`; None while a call is answered, or a caller sends a body."""
        if self._is_served() and (self._caller.is_authenticated or not self.cycle.more_body):
            return None
        return self._caller.is_authenticated, self._since

    def evict(self) -> None:
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._connections.admit(self):
            self._arm()
        else:
            self._end_with(_NO_ROOM)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        self._disarm()
        if self._write_deadline is not None:
            self._write_deadline.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._lingers:
            self._discard(len(data))
            return
        room = self._limits.head_bytes - self._unfinished
        if self._unfinished and len(data) > room:
            # The rest may be a body; the parser appends piece to piece, so it gets no long head.
            if not self._feed(data[:room]):
                return
            data = data[room:]
        if data:
            self._feed(data)
        if self._deadline is None and not self._is_served():
            self._arm()

    def on_headers_complete(self) -> None:
        self._moved = True
        self._disarm()
        if len(self.headers) > self._limits.headers or self._is_long_head():
            self._head_too_large = True
            raise _HeadTooLargeError
        self._since = self.loop.time()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._moved = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._since = self.loop.time()
        if not self._caller.is_authenticated and not self._is_served():
            self._arm()

    def send_400_response(self, msg: str) -> None:
        if self._head_too_large:
            self._refuse_head()
        else:
            super().send_400_response(msg)

    def timeout_keep_alive_handler(self) -> None:
        self._end()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._write_deadline is None:
            seconds = self._limits.seconds
            self._write_deadline = self.loop.call_later(seconds, self.transport.abort)

    def resume_writing(self) -> None:
        if self._write_deadline is not None:
            self._write_deadline.cancel()
            self._write_deadline = None
        super().resume_writing()

    def _feed(self, data: bytes) -> bool:
        """Parse; False if the connection is being closed."""
        self._moved = self._streamed is not None
        self._fed = self._unfinished + len(data)
        super().data_received(data)
        self._unfinished = 0 if self._moved else self._fed
        if self._unfinished >= self._limits.head_bytes and not self._lingers:
            self._refuse_head()
        return not self._is_ending()

    def _is_ending(self) -> bool:
        return bool(self._lingers) or super()._is_ending()

    def _is_long_head(self) -> bool:
        if self._fed <= self._limits.head_bytes:
            return False
        length = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        return length > self._limits.head_bytes

    def _is_served(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse_head(self) -> None:
        if self._is_served():  # a reply before this one is under way
            self.transport.abort()
        else:
            self._end_with(_TOO_LARGE)

    def _end_with(self, reply: bytes) -> None:
        """Send a reply and close; at once, the client's further bytes would make it vanish."""
        self._lingers = _LINGER_BYTES
        self._disarm()
        self.transport.write(reply)
        if self.transport.can_write_eof():  # not by TLS
            self.transport.write_eof()
        self._deadline = self.loop.call_later(_LINGER_SECONDS, self.transport.abort)

    def _discard(self, count: int) -> None:
        self._lingers -= count
        if self._lingers <= 0:
            self._lingers = 1
            self.transport.abort()

    def _arm(self) -> None:
        self._disarm()
        self._deadline = self.loop.call_later(self._limits.seconds, self._overdue)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _overdue(self) -> None:
        self._deadline = None
        if not self._is_served():
            self._end()

    def _end(self) -> None:
        """Close, also when the client takes no more of the last reply."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()
