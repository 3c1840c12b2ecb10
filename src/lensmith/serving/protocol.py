"""Protocol between the server and a unit, on Unix sockets.

An image file lies in shared memory; on the socket of a slot the server sends only the buffer's
number and the length. The unit replies in order with `Reply` in length-prefixed MessagePack
frames. On the control socket it sends `Ready` or `Unusable` first and then `Alive` for each ping.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from lensmith.domain.errors import (
    ImageTooLargeException,
    InternalServerError,
    InvalidImageFormatException,
    InvalidParameterException,
    ServiceError,
)
from lensmith.domain.label import Detection
from lensmith.domain.precision import Served

_LENGTH = struct.Struct(">I")
_IMAGE = struct.Struct(">BI")  # number of its buffer, length
_PING = b"?"


class Ready(msgspec.Struct, tag=True, frozen=True):
    """The model is loaded and made a trial prediction."""

    thresholds: dict[str, float]  # label -> assumed threshold of the variant
    served: Served


class Unusable(msgspec.Struct, tag=True, frozen=True):
    """The model cannot be loaded; the unit ends after sending this."""

    reason: str


class Answer(msgspec.Struct, tag=True, frozen=True):
    detections: tuple[Detection, ...]


class Alive(msgspec.Struct, tag=True, frozen=True):
    """The reply to a ping."""

    connections: int = 0  # of other servers


class Busy(msgspec.Struct, tag=True, frozen=True):
    """The unit is full: other servers send to it, too."""


class Refused(msgspec.Struct, tag=True, frozen=True):
    """The image is invalid, or its prediction failed."""

    code: str  # of a ServiceError
    message: str

    def as_error(self) -> ServiceError:
        return _REFUSALS.get(self.code, InternalServerError)(self.message)


Reply: TypeAlias = Ready | Unusable | Answer | Alive | Busy | Refused

_REFUSALS: dict[str, type[ServiceError]] = {
    error.code: error
    for error in (ImageTooLargeException, InvalidImageFormatException, InvalidParameterException)
}
_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def send_image(connection: socket.socket, buffer: int, length: int) -> None:
    """Announce a file in shared memory; raises OSError if the unit is gone."""
    connection.sendall(_IMAGE.pack(buffer, length))


def receive_image(connection: socket.socket) -> tuple[int, int] | None:
    """Return buffer number and length of the next file; None if the server is gone."""
    received = _receive_exactly(connection, _IMAGE.size)
    return None if received is None else _IMAGE.unpack(received)


def send_ping(connection: socket.socket) -> None:
    """Send a ping; raises OSError if the unit is gone."""
    connection.sendall(_PING)


def receive_ping(connection: socket.socket) -> bool:
    """Wait for a ping; False if the server is gone."""
    return bool(connection.recv(len(_PING)))


def send_reply(connection: socket.socket, reply: Reply) -> None:
    frame = _encoder.encode(reply)
    connection.sendall(_LENGTH.pack(len(frame)) + frame)


def receive_reply(connection: socket.socket) -> Reply | None:
    """Wait for a reply; None if the unit is gone, raises OSError at the socket's timeout."""
    prefix = _receive_exactly(connection, _LENGTH.size)
    if prefix is None:
        return None
    frame = _receive_exactly(connection, _LENGTH.unpack(prefix)[0])
    return None if frame is None else _decoder.decode(frame)


class ReplyDecoder:
    """Decodes replies from a stream that arrives in parts."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, part: bytes) -> Iterator[Reply]:
        """Yield the replies that are complete with this part."""
        received = memoryview(self._rest + part if self._rest else part)
        while (end := _end_of_frame(received)) is not None:
            yield _decoder.decode(received[_LENGTH.size : end])
            received = received[end:]
        self._rest = bytes(received)


def _end_of_frame(received: memoryview) -> int | None:
    """Return where the first frame ends; None if it is incomplete."""
    if len(received) < _LENGTH.size:
        return None
    end = _LENGTH.size + int(_LENGTH.unpack_from(received)[0])
    return end if end <= len(received) else None


def _receive_exactly(connection: socket.socket, length: int) -> bytes | None:
    # On a blocking socket WAITALL brings the whole in one call and one buffer.
    received = connection.recv(length, socket.MSG_WAITALL)
    if len(received) == length:
        return received
    parts = [received]
    missing = length - len(received)
    while missing and parts[-1]:
        parts.append(connection.recv(missing))
        missing -= len(parts[-1])
    return None if missing else b"".join(parts)
