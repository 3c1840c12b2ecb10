"""Frames on the connection between a server and a remote unit.

The unit sends `Welcome` once. Then, one after another: the server sends the length of an image file
and the file, the unit a length and a `Reply` in MessagePack.
"""

from __future__ import annotations

import struct

import msgspec

from lensmith.domain.image_limits import MAX_IMAGE_BYTES
from lensmith.domain.precision import Served
from lensmith.serving.protocol import Answer, Busy, Refused, Reply

LENGTH = struct.Struct(">I")
MAX_REPLY_BYTES = 4 << 20
"""More than the detections of any picture take."""


class Welcome(msgspec.Struct, tag=True, frozen=True):
    """Tells the server that has just connected what the unit serves and how much it takes."""

    version_id: int
    thresholds: dict[str, float]
    served: Served
    slots: int


_encoder = msgspec.msgpack.Encoder()
_welcome = msgspec.msgpack.Decoder(Welcome)
_reply: msgspec.msgpack.Decoder[Answer | Refused | Busy] = msgspec.msgpack.Decoder(
    Answer | Refused | Busy
)


class FrameError(ValueError):
    """The other side sends a frame that cannot be."""


def image_length(header: bytes) -> int:
    """Return the length of the image file that follows; raises FrameError out of bounds."""
    length = int(LENGTH.unpack(header)[0])
    if not 0 < length <= MAX_IMAGE_BYTES:
        raise FrameError
    return length


def reply_length(header: bytes) -> int:
    """Return the length of the reply that follows; raises FrameError out of bounds."""
    length = int(LENGTH.unpack(header)[0])
    if not 0 < length <= MAX_REPLY_BYTES:
        raise FrameError
    return length


def encode(message: Welcome | Reply) -> bytes:
    """Encode the length and the message."""
    body = _encoder.encode(message)
    return LENGTH.pack(len(body)) + body


def decode_welcome(body: bytes) -> Welcome:
    """Decode the first message of a unit; raises FrameError."""
    try:
        welcome = _welcome.decode(body)
    except msgspec.MsgspecError as error:
        raise FrameError from error
    if welcome.slots < 1:
        raise FrameError
    return welcome


def decode_reply(body: bytes) -> Answer | Refused | Busy:
    """Decode the reply to an image; raises FrameError."""
    try:
        return _reply.decode(body)
    except msgspec.MsgspecError as error:
        raise FrameError from error
