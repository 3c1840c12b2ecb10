"""uvicorn's side of a connection, with a shorter way for large bodies."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from lensmith.api.body import HAND_OVER, Arrival


class HttpProtocol(HttpToolsProtocol):
    """Hands a large body over past the parser, if the application wants it so.

    On the usual way each part is copied four times and wakes the application.
    """

    _arrival: Arrival | None = None
    _missing = 0  # bytes of what arrives

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        length = _declared_length(self.headers)
        is_usual = self.expect_100_continue or self.parser.should_upgrade()
        if length > HIGH_WATER_LIMIT and not is_usual:
            hand_over = partial(self._hand_over, self.cycle, length)
            self.scope["state"][HAND_OVER] = hand_over

    def data_received(self, data: bytes) -> None:
        if self._arrival is None:
            super().data_received(data)
            return
        part, next_request = data[: self._missing], data[self._missing :]
        self._pass_on(part)
        if next_request:
            super().data_received(next_request)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._arrival is not None:
            self._arrival.break_off()
        super().connection_lost(exc)

    def _hand_over(self, cycle: RequestResponseCycle, length: int, arrival: Arrival) -> None:
        parsed, cycle.body = bytes(cycle.body), bytearray()
        if cycle.disconnected:
            arrival.break_off()
        elif not cycle.more_body:
            arrival.add(parsed, is_last=True)
        else:
            self._arrival, self._missing = arrival, length
            self._pass_on(parsed)
            self.flow.resume_reading()

    def _pass_on(self, part: bytes) -> None:
        assert self._arrival is not None
        self._missing -= len(part)
        self._arrival.add(part, is_last=not self._missing)
        if not self._missing:
            self._arrival = None
            self.cycle.more_body = False
            self._parse_anew()

    def _parse_anew(self) -> None:
        """The parser still waits for the body; what comes next is another request."""
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's


def _declared_length(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """0 where none is declared."""
    return next((int(value) for name, value in headers if name == b"content-length"), 0)
