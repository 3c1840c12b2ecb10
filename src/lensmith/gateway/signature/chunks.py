"""Decodes aws-chunked bodies: chunks with or without signatures, trailers after them."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.signature.claim import Claim
from lensmith.gateway.signature.verify import is_signature

_EMPTY_HASH = sha256().hexdigest()
_MAX_LINE = 16 << 10  # bytes of a chunk's first line, or of all trailers
_CRLF = b"\r\n"
_SIZE = re.compile(rb"[0-9a-fA-F]{1,12}")


_State = Callable[[bytes, list[bytes]], bytes]  # takes what is its own, returns the rest


class ChunkDecoder:
    """Takes the bytes of a body and returns those of the object.

    Each chunk is hashed while it passes; one whose signature is wrong raises when it ends.
    """

    def __init__(self, claim: Claim | None, key: bytes, *, has_trailer: bool) -> None:
        """`claim` and `key` sign the chunks; without them no chunk has a signature."""
        self.trailers: dict[str, str] = {}
        self._claim = claim
        self._key = key
        self._previous = claim.signature if claim is not None else ""
        self._has_trailer = has_trailer
        self._line = b""  # what has arrived of a line
        self._left = 0  # bytes of the chunk that are to come
        self._state: _State = self._size_line
        self._complete = False
        self._begin_chunk("")

    def feed(self, piece: bytes) -> bytes:
        """Return the object's bytes in a piece; raises S3Error for a wrong signature or form."""
        given: list[bytes] = []
        while piece:
            piece = self._state(piece, given)
        return b"".join(given) if len(given) != 1 else given[0]

    def finish(self) -> None:
        if not self._complete:
            raise S3Error("IncompleteBody")

    # states: take what belongs to them, return the rest

    def _size_line(self, piece: bytes, _: list[bytes]) -> bytes:
        line, rest = self._whole_line(piece)
        if line is None:
            return b""
        size, _semicolon, extension = line.partition(b";")
        if not _SIZE.fullmatch(size):
            raise S3Error("InvalidRequest", "A chunk's size is no hexadecimal number.")
        self._left = int(size, 16)
        _name, _equals, signature = extension.partition(b"chunk-signature=")
        if self._claim is not None and not signature:
            raise S3Error("SignatureDoesNotMatch", "A chunk has no signature.")
        self._begin_chunk(signature.decode("latin-1").strip())
        self._state = self._data
        if self._left == 0:
            self._end_of_data()
        return rest

    def _data(self, piece: bytes, given: list[bytes]) -> bytes:
        mine, rest = (
            (piece, b"")
            if len(piece) <= self._left
            else (
                piece[: self._left],
                piece[self._left :],
            )
        )
        self._left -= len(mine)
        given.append(mine)
        if self._claim is not None:
            self._hash.update(mine)
        if self._left == 0:
            self._check_chunk()
            self._state = self._chunk_end
        return rest

    def _chunk_end(self, piece: bytes, _: list[bytes]) -> bytes:
        line, rest = self._whole_line(piece)
        if line is None:
            return b""
        if line:
            raise S3Error("InvalidRequest", "A chunk is longer than its size says.")
        self._state = self._size_line
        return rest

    def _trailer(self, piece: bytes, _: list[bytes]) -> bytes:
        line, rest = self._whole_line(piece)
        if line is None:
            return b""
        if line:
            name, _colon, value = line.decode("latin-1").partition(":")
            self.trailers[name.strip().lower()] = value.strip()
            if len(self.trailers) > 16:
                raise S3Error("InvalidRequest", "There are too many trailers.")
            return rest
        # SDKs sign trailers in a trailer of their own, which may follow an empty line.
        if self._claim is not None and "x-amz-trailer-signature" not in self.trailers:
            return rest
        self._end()
        return rest

    def _after_end(self, piece: bytes, _: list[bytes]) -> bytes:
        if piece.strip(b"\r\n"):
            raise S3Error("InvalidRequest", "There are bytes after the last chunk.")
        return b""

    # steps

    def _begin_chunk(self, signature: str) -> None:
        self._signature = signature
        self._hash = sha256()

    def _end_of_data(self) -> None:
        self._check_chunk()
        self._state = self._trailer
        if not self._has_trailer:
            self._complete = True
            self._state = self._after_end

    def _end(self) -> None:
        if self._claim is not None:
            self._check_trailers()
        self._complete = True
        self._state = self._after_end

    def _check_chunk(self) -> None:
        claim = self._claim
        if claim is None:
            return
        to_sign = (
            f"AWS4-HMAC-SHA256-PAYLOAD\n{claim.stamp}\n{claim.scope.text}\n{self._previous}\n"
            f"{_EMPTY_HASH}\n{self._hash.hexdigest()}"
        )
        if not is_signature(self._signature, self._key, to_sign):
            raise S3Error("SignatureDoesNotMatch", "A chunk's signature does not match.")
        self._previous = self._signature

    def _check_trailers(self) -> None:
        claim = self._claim
        assert claim is not None
        given = self.trailers.pop("x-amz-trailer-signature", "")
        text = "".join(f"{name}:{value}\n" for name, value in sorted(self.trailers.items()))
        to_sign = (
            f"AWS4-HMAC-SHA256-TRAILER\n{claim.stamp}\n{claim.scope.text}\n{self._previous}\n"
            f"{sha256(text.encode()).hexdigest()}"
        )
        if not is_signature(given, self._key, to_sign):
            raise S3Error("SignatureDoesNotMatch", "The signature of the trailers does not match.")

    def _whole_line(self, piece: bytes) -> tuple[bytes | None, bytes]:
        """Return a line without its end, and what follows; None while it is incomplete."""
        self._line += piece
        end = self._line.find(_CRLF)
        if end < 0:
            if len(self._line) > _MAX_LINE:
                raise S3Error("InvalidRequest", "A line of a chunked body is too long.")
            return None, b""
        line, rest = self._line[:end], self._line[end + 2 :]
        self._line = b""
        return line, rest
