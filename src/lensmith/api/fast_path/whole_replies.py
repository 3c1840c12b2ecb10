"""Writes the head of a reply and its body at once: one packet, for which a client wakes once."""

from __future__ import annotations

import asyncio

_MAX_COPIED = 64 << 10  # bytes; a larger body costs more to copy than a second write
_HEAD, _INTERIM = b"HTTP/1.1 ", b"HTTP/1.1 1"


class WholeReplies:
    """Stands before the transport of a connection; uvicorn writes a head and a body after it."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""  # that waits for its body, no longer than to the loop's next round
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Write a part of a reply; a head waits for what follows until the loop's next round."""
        if self._head:
            self._write_with_head(data)
        elif data.startswith(_HEAD) and not data.startswith(_INTERIM):
            self._head = data
            self._loop.call_soon(self.flush)
        else:
            self._transport.write(data)

    def flush(self) -> None:
        """Write a head that waits, unless the client left meanwhile."""
        head, self._head = self._head, b""
        if head and not self.is_closing():
            self._transport.write(head)

    def close(self) -> None:
        """Write a head that waits, and close the connection."""
        self.flush()
        self._transport.close()

    def _write_with_head(self, data: bytes) -> None:
        if len(data) > _MAX_COPIED:
            self.flush()
            self._transport.write(data)
        else:
            head, self._head = self._head, b""
            self._transport.write(head + data)
