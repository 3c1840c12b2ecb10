"""What the server and a unit say to each other, on one Unix socket for each of its places.

An image file lies in memory that both see; the server only sends its length. The unit answers
each with one `Reply` in a length-prefixed frame. Before that it greets with `Ready` or
`Unusable` on the socket of its first place.
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

_LENGTH = struct.Struct(">I")


class Ready(msgspec.Struct, tag=True, frozen=True):
    """The model is loaded and was tried out."""

    thresholds: dict[str, float]  # label -> assumed threshold


class Unusable(msgspec.Struct, tag=True, frozen=True):
    """The model cannot be loaded; the unit ends after this."""

    reason: str


class Answer(msgspec.Struct, tag=True, frozen=True):
    detections: tuple[Detection, ...]


class Refused(msgspec.Struct, tag=True, frozen=True):
    """The image is not one the model can look at, or looking at it failed."""

    code: str  # of a ServiceError
    message: str

    def as_error(self) -> ServiceError:
        return _REFUSALS.get(self.code, InternalServerError)(self.message)


Reply: TypeAlias = Ready | Unusable | Answer | Refused

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
    length = receive_length(connection)
    frame = None if length is None else _receive_exactly(connection, length)
    return None if frame is None else _decoder.decode(frame)


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
