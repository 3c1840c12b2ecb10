"""uvicorn's side of a connection, with a shortcut for large bodies.

Relies on internals of uvicorn 0.54 (protocols/http/httptools_impl.py), pinned for that: `parser`
and its leniency (62-71), `on_headers_complete` making `scope` and `cycle` (248-297), `on_body`
filling `cycle.body` (313-319), `cycle.more_body` (405-406, read in `receive`), `flow`,
`expect_100_continue`, `cycle.disconnected`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from lensmith.api.fast_path.large_body import BODY_SINK, StreamedBody


class HttpProtocol(HttpToolsProtocol):
    """Streams a large body past the parser, if the application asks for it.

    On the usual way each part is copied four times and wakes the application.
    """

    _streamed: StreamedBody | None = None
    _missing = 0  # bytes of the body that is being streamed

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        length = _declared_length(self.headers)
        is_usual = self.expect_100_continue or self.parser.should_upgrade()
        if length > HIGH_WATER_LIMIT and not is_usual:
            self.scope["state"][BODY_SINK] = partial(self._stream, self.cycle, length)

    def data_received(self, data: bytes) -> None:
        if self._streamed is None:
            super().data_received(data)
            return
        chunk, next_request = data[: self._missing], data[self._missing :]
        self._add(chunk)
        if next_request:
            super().data_received(next_request)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._streamed is not None:
            self._streamed.abort()
        super().connection_lost(exc)

    def _stream(self, cycle: RequestResponseCycle, length: int, body: StreamedBody) -> None:
        parsed, cycle.body = bytes(cycle.body), bytearray()
        if cycle.disconnected:
            body.abort()
        elif not cycle.more_body:
            body.add(parsed, is_last=True)
        else:
            self._streamed, self._missing = body, length
            self._add(parsed)
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


def _declared_length(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Return Content-Length, or 0 without one."""
    return next((int(value) for name, value in headers if name == b"content-length"), 0)
