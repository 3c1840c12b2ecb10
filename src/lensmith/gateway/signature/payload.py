"""Bodies as they are signed: whole, not at all, or in chunks with trailers.

A decoder gives out bytes as they arrive and raises at the end, or at the chunk, that is not what
was signed; what writes them into the store must keep the last bytes back until `finish`.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.http.request import Request
from lensmith.gateway.signature.chunks import ChunkDecoder
from lensmith.gateway.signature.claim import Claim

UNSIGNED = "UNSIGNED-PAYLOAD"
_SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
_SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
_UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_CHUNKED = frozenset({_SIGNED_CHUNKS, _SIGNED_TRAILER, _UNSIGNED_TRAILER})


class Decoder(Protocol):
    """Turns what arrives into an object's bytes."""

    trailers: dict[str, str]

    def feed(self, piece: bytes) -> bytes: ...

    def finish(self) -> None:
        """Raise S3Error unless all arrived, and as it was signed."""


class PlainDecoder:
    """Gives out the body as it is; nothing of it is signed."""

    def __init__(self) -> None:
        self.trailers: dict[str, str] = {}

    def feed(self, piece: bytes) -> bytes:
        return piece

    def finish(self) -> None:
        """Take any body."""


class HashedDecoder:
    """Compares the body with the hash that was signed."""

    def __init__(self, expected: str) -> None:
        self.trailers: dict[str, str] = {}
        self._expected = expected
        self._hash = hashlib.sha256()

    def feed(self, piece: bytes) -> bytes:
        self._hash.update(piece)
        return piece

    def finish(self) -> None:
        computed = self._hash.hexdigest()
        if computed != self._expected:
            raise S3Error(
                "XAmzContentSHA256Mismatch",
                ClientComputedContentSHA256=self._expected,
                S3ComputedContentSHA256=computed,
            )


def declared_payload(request: Request, claim: Claim) -> str:
    """Return what was signed for the body: its hash, or a word for it.

    Raises S3Error for a value that S3 does not know, or a kind that is not implemented.
    """
    given = request.headers.get("x-amz-content-sha256")
    if given is None:
        if claim.is_presigned:
            return UNSIGNED
        raise S3Error(
            "InvalidRequest", "Missing required header for this request: x-amz-content-sha256"
        )
    if given == UNSIGNED or given in _CHUNKED or _is_hash(given):
        return given
    if given.startswith("STREAMING-"):
        raise S3Error("NotImplemented", f"Payloads of the kind {given[:64]!r} are not implemented.")
    raise S3Error("InvalidArgument", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a hash.")


def decoder_of(payload: str, claim: Claim | None, key: bytes) -> Decoder:
    """Return the decoder of a body; `key` is the signing key of its claim."""
    if payload == UNSIGNED or claim is None:
        return PlainDecoder()
    if payload not in _CHUNKED:
        return HashedDecoder(payload)
    if payload == _UNSIGNED_TRAILER:
        return ChunkDecoder(None, b"", has_trailer=True)
    return ChunkDecoder(claim, key, has_trailer=payload == _SIGNED_TRAILER)


def is_chunked(payload: str) -> bool:
    return payload in _CHUNKED


def _is_hash(text: str) -> bool:
    return len(text) == 64 and not set(text) - set("0123456789abcdef")
