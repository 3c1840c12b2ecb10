"""Pagination tokens (NextToken), sealed with HMAC-SHA256 for one listing (api.md 1.7)."""

from __future__ import annotations

import binascii
import hmac
import json
import struct
import time
from collections.abc import Callable, Mapping

from lensmith.domain.errors import InvalidPaginationTokenException

LIFETIME_SECONDS = 48 * 3600
# Format, expiry in epoch seconds, position. With the seal it fills whole base64 quartets: no
# character has spare bits, so every altered character shows.
_BODY = struct.Struct(">B2xqq")
_FORMAT = 1
_SEAL_BYTES = 32


class PaginationTokens:
    """Issues and reads tokens of about 70 characters, sealed with a secret of the server.

    A context is what the caller may not change between pages: operation, account, region,
    resource ARN, filters. It is sealed into the token but cannot be read from it.
    """

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._clock = clock

    def issue(self, context: Mapping[str, object], position: int) -> str:
        """Return a token for the page that starts at `position` (64 bits, signed)."""
        body = _BODY.pack(_FORMAT, int(self._clock()) + LIFETIME_SECONDS, position)
        sealed = body + self._seal(body, context)
        return binascii.b2a_base64(sealed, newline=False).decode()

    def read(self, token: str | None, context: Mapping[str, object]) -> int | None:
        """Return the position in `token`; None for the first page (no token, or an empty one).

        Raises InvalidPaginationTokenException for a token that is forged, altered, expired or
        of another context.
        """
        if not token:
            return None
        sealed = _decode(token)
        body, seal = sealed[: _BODY.size], sealed[_BODY.size :]
        if not hmac.compare_digest(seal, self._seal(body, context)):
            raise InvalidPaginationTokenException
        layout, expiry, position = _BODY.unpack(body)
        if layout != _FORMAT or expiry < self._clock():
            raise InvalidPaginationTokenException
        return int(position)

    def _seal(self, body: bytes, context: Mapping[str, object]) -> bytes:
        named = json.dumps(context, sort_keys=True, separators=(",", ":"))
        return hmac.digest(self._secret, body + named.encode(), "sha256")


def _decode(token: str) -> bytes:
    try:
        sealed = binascii.a2b_base64(token, strict_mode=True)
    except ValueError as error:
        raise InvalidPaginationTokenException from error
    if len(sealed) != _BODY.size + _SEAL_BYTES:
        raise InvalidPaginationTokenException
    return sealed
