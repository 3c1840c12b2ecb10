"""Asks whether a remote unit is there, without a request."""

from __future__ import annotations

import socket
import ssl

from lensmith.serving.remote.frames import LENGTH, FrameError, decode_welcome, reply_length
from lensmith.serving.remote.listener import receive_into

_SECONDS = 2.0  # for each part


def answers(address: tuple[str, int], context: ssl.SSLContext, version_id: int) -> bool:
    """Return whether a unit of this version greets there; `context` is of `connecting_context`."""
    try:
        with (
            socket.create_connection(address, timeout=_SECONDS) as plain,
            context.wrap_socket(plain) as secure,
        ):
            header = bytearray(LENGTH.size)
            receive_into(secure, memoryview(header))
            body = bytearray(reply_length(bytes(header)))
            receive_into(secure, memoryview(body))
        return decode_welcome(bytes(body)).version_id == version_id
    except (OSError, FrameError):
        return False
