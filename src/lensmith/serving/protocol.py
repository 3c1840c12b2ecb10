"""What the server and a unit say to each other: length-prefixed frames on a Unix socket.

The server sends one image file a frame, as it came. The unit answers each frame with one
`Reply`, and greets first with `Ready` or `Unusable`.
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


def send(connection: socket.socket, payload: bytes) -> None:
    """Write one frame; raises OSError when the other side is gone or too slow."""
    # Two writes: joining the length to a file of megabytes would copy it.
    connection.sendall(_LENGTH.pack(len(payload)))
    connection.sendall(payload)


def receive(connection: socket.socket) -> bytes | None:
    """Read one frame; None when the other side is gone, OSError when it is too slow."""
    prefix = _receive_exactly(connection, _LENGTH.size)
    return None if prefix is None else _receive_exactly(connection, _LENGTH.unpack(prefix)[0])


def send_reply(connection: socket.socket, reply: Reply) -> None:
    send(connection, _encoder.encode(reply))


def receive_reply(connection: socket.socket) -> Reply | None:
    """None when the unit is gone; raises OSError when it is too slow."""
    frame = receive(connection)
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
