"""What the server and a unit say to each other, on Unix sockets.

An image file lies in memory that both see; on the socket of a place the server only sends where
and how long it is. The unit answers one after the other with a `Reply` in a length-prefixed
frame. On a socket of its own it greets with `Ready` or `Unusable` before all this, and then says
that it is alive as often as it is asked.
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

_LENGTH = struct.Struct(">I")
_IMAGE = struct.Struct(">BI")  # number of its area, length
_PING = b"?"


class Ready(msgspec.Struct, tag=True, frozen=True):
    """The model is loaded and was tried out."""

    thresholds: dict[str, float]  # label -> assumed threshold


class Unusable(msgspec.Struct, tag=True, frozen=True):
    """The model cannot be loaded; the unit ends after this."""

    reason: str


class Answer(msgspec.Struct, tag=True, frozen=True):
    detections: tuple[Detection, ...]


class Alive(msgspec.Struct, tag=True, frozen=True):
    """A sign of life, where one was asked for."""


class Refused(msgspec.Struct, tag=True, frozen=True):
    """The image is not one the model can look at, or looking at it failed."""

    code: str  # of a ServiceError
    message: str

    def as_error(self) -> ServiceError:
        return _REFUSALS.get(self.code, InternalServerError)(self.message)


Reply: TypeAlias = Ready | Unusable | Answer | Alive | Refused

_REFUSALS: dict[str, type[ServiceError]] = {
    error.code: error
    for error in (ImageTooLargeException, InvalidImageFormatException, InvalidParameterException)
}
_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def send_image(connection: socket.socket, area: int, length: int) -> None:
    """Tell of a file in the shared memory; raises OSError when the other side is gone."""
    connection.sendall(_IMAGE.pack(area, length))


def receive_image(connection: socket.socket) -> tuple[int, int] | None:
    """Area and length of the next file; None when the other side is gone."""
    received = _receive_exactly(connection, _IMAGE.size)
    return None if received is None else _IMAGE.unpack(received)


def send_ping(connection: socket.socket) -> None:
    """Ask for a sign of life; raises OSError when the other side is gone."""
    connection.sendall(_PING)


def receive_ping(connection: socket.socket) -> bool:
    """False when the other side is gone."""
    return bool(connection.recv(len(_PING)))


def send_reply(connection: socket.socket, reply: Reply) -> None:
    frame = _encoder.encode(reply)
    connection.sendall(_LENGTH.pack(len(frame)) + frame)


def receive_reply(connection: socket.socket) -> Reply | None:
    """None when the unit is gone; raises OSError when it is too slow."""
    prefix = _receive_exactly(connection, _LENGTH.size)
    if prefix is None:
        return None
    frame = _receive_exactly(connection, _LENGTH.unpack(prefix)[0])
    return None if frame is None else _decoder.decode(frame)


class Replies:
    """Replies from a stream that comes in parts."""

    def __init__(self) -> None:
        self._rest = b""

    def in_part(self, part: bytes) -> Iterator[Reply]:
        """Those that are whole with this part."""
        received = memoryview(self._rest + part if self._rest else part)
        while (end := _end_of_frame(received)) is not None:
            yield _decoder.decode(received[_LENGTH.size : end])
            received = received[end:]
        self._rest = bytes(received)


def _end_of_frame(received: memoryview) -> int | None:
    """None when it is not there whole."""
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
