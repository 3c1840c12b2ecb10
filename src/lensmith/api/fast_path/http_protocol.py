"""uvicorn's side of a connection, with a shortcut for large bodies.

Relies on internals of uvicorn 0.54 (protocols/http/httptools_impl.py), pinned for that: `parser`
and its leniency (62-71), `on_headers_complete` making `scope` and `cycle` (248-297), `on_body`
filling `cycle.body` (313-319), `cycle.more_body` (405-406, read in `receive`), `flow`,
`expect_100_continue`, `cycle.disconnected`, and the methods of `cycle.transport` that are called.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from lensmith.api.fast_path.large_body import BODY_SINK, StreamedBody, declared_length
from lensmith.api.fast_path.whole_replies import WholeReplies

_END_OF_HEAD = b"\r\n\r\n"
_LONG_READ = HIGH_WATER_LIMIT // 2  # bytes, of which only the first can be a head


class HttpProtocol(HttpToolsProtocol):
    """Streams a large body past the parser, if the application asks for it.

    On the usual way each part is copied four times and wakes the application.
    """

    _replies: Any  # `WholeReplies`, of the methods of a transport that uvicorn's cycle calls
    _streamed: StreamedBody | None = None
    _missing = 0  # bytes of the body that is being streamed
    _offered = 0  # length of the body that the application may have streamed
    _held = b""  # what came with the head, until the application asks for it or begins without it

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._replies = WholeReplies(transport, self.loop)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self.cycle.transport = self._replies
        length = declared_length(self.headers)
        is_upgrade = self.parser.should_upgrade()
        if is_upgrade:  # the parser takes its body for the next request
            self.cycle.keep_alive = False
        is_usual = self.expect_100_continue or is_upgrade
        if length > HIGH_WATER_LIMIT and not is_usual:
            self._offered = length
            self.scope["state"][BODY_SINK] = partial(self._stream, self.cycle, length)

    def data_received(self, data: bytes) -> None:
        if self._streamed is not None:
            self._take(data)
        elif len(data) > _LONG_READ and self._is_between_requests():
            self._parse_head(data)
        else:
            self._parse_held()
            if not self._is_ending():
                super().data_received(data)

    def on_response_complete(self) -> None:
        self._replies.flush()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        self._replies.flush()
        super().send_400_response(msg)

    def _is_ending(self) -> bool:
        """Return whether nothing more is parsed."""
        return self.transport.is_closing()

    def _take(self, data: bytes) -> None:
        chunk, next_request = data[: self._missing], data[self._missing :]
        self._add(chunk)
        if next_request and self.cycle.keep_alive:
            super().data_received(next_request)

    def _is_between_requests(self) -> bool:
        return not self._held and (self.cycle is None or self.cycle.response_complete)

    def _parse_head(self, data: bytes) -> None:
        """Parse what may be a head, and the rest unless the application may have it streamed."""
        end = data.find(_END_OF_HEAD, 0, _LONG_READ) + len(_END_OF_HEAD)
        self._offered = 0
        super().data_received(data[:end])
        if self._is_ending() or self.parser.should_upgrade():  # uvicorn drops the rest too
            return
        if not self._offered or self.pipeline:
            super().data_received(data[end:])
            return
        self._held = data[end:]
        if HIGH_WATER_LIMIT < len(self._held) < self._offered:
            self.flow.pause_reading()
        self.loop.call_soon(self._parse_held)  # after the application's first step

    def _parse_held(self) -> None:
        held, self._held = self._held, b""
        if not held or self.parser is None or self._is_ending():
            return
        # The client sent it before it was answered: it is no sign of life since.
        timer, self.timeout_keep_alive_task = self.timeout_keep_alive_task, None
        super().data_received(held)
        if timer is not None and self.cycle.response_complete and not self._is_ending():
            self.timeout_keep_alive_task = timer
        elif timer is not None:
            timer.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._streamed is not None:
            self._streamed.abort()
        super().connection_lost(exc)

    def _stream(self, cycle: RequestResponseCycle, length: int, body: StreamedBody) -> None:
        parsed, cycle.body = bytes(cycle.body), bytearray()
        held, self._held = self._held, b""
        if cycle.disconnected:
            body.abort()
        elif not cycle.more_body:
            body.add(parsed, is_last=True)
        else:
            self._streamed, self._missing = body, length
            for part in filter(None, (parsed, held)):
                self._take(part)
            self.flow.resume_reading()

    def _add(self, chunk: bytes) -> None:
        assert self._streamed is not None
        self._missing -= len(chunk)
        self._streamed.add(chunk, is_last=not self._missing)
        if not self._missing:
            self._streamed = None
            self.cycle.more_body = False
            self._replace_parser()

    def _replace_parser(self) -> None:
        """Replace the parser: it still expects the body, but the next bytes are another request."""
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's
