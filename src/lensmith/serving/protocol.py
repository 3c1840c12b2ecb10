"""What the server and a unit say to each other, on one Unix socket for each of its places.

An image file lies in memory that both see; the server only sends its length. The unit answers
each with one `Reply` in a length-prefixed frame; the length `PING` asks for no more than that.
Before all this it greets with `Ready` or `Unusable` on the socket of its first place.
"""

from __future__ import annotations

import socket
import struct
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

PING = 0xFFFF_FFFF
"""A length that no file has: the unit is only to say that it is alive."""

_LENGTH = struct.Struct(">I")
_USUAL_REPLY = 16 << 10  # bytes; longer ones take a second call


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


def send_length(connection: socket.socket, length: int) -> None:
    """Tell of a file in the shared memory; raises OSError when the other side is gone."""
    connection.sendall(_LENGTH.pack(length))


def receive_length(connection: socket.socket) -> int | None:
    """None when the other side is gone, OSError when it is too slow."""
    prefix = _receive_exactly(connection, _LENGTH.size)
    return None if prefix is None else int(_LENGTH.unpack(prefix)[0])


def send_reply(connection: socket.socket, reply: Reply) -> None:
    frame = _encoder.encode(reply)
    connection.sendall(_LENGTH.pack(len(frame)) + frame)


def receive_reply(connection: socket.socket) -> Reply | None:
    """None when the unit is gone; raises OSError when it is too slow."""
    # A unit speaks when it is asked, so nothing but this reply can be there: one call brings it.
    received = _completed(connection, connection.recv(_USUAL_REPLY), _LENGTH.size)
    if received is None:
        return None
    end = _LENGTH.size + _LENGTH.unpack_from(received)[0]
    frame = _completed(connection, received, end)
    return None if frame is None else _decoder.decode(memoryview(frame)[_LENGTH.size :])


def _completed(connection: socket.socket, received: bytes, length: int) -> bytes | None:
    """What was received, with what is missing up to a length; None when the other side is gone."""
    if len(received) >= length:
        return received
    rest = _receive_exactly(connection, length - len(received))
    return None if rest is None else received + rest


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
