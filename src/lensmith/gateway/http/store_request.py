"""Signs requests with the one identity that the object store knows."""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote

_HOST = "store"
_ALGORITHM = "AWS4-HMAC-SHA256"
_UNSIGNED = "UNSIGNED-PAYLOAD"
_SIGNED = "host;x-amz-content-sha256;x-amz-date"


class StoreSigner:
    """Writes heads of requests to the store, signed with SigV4."""

    def __init__(self, key_id: str, secret: str, region: str) -> None:
        self._key_id = key_id
        self._secret = secret
        self._region = region
        self._second = -1
        self._stamp = ""
        self._key = b""
        self._scope = ""

    def head(
        self,
        method: str,
        path: str,
        query: str = "",
        headers: Iterable[tuple[str, str]] = (),
        payload: str = _UNSIGNED,
    ) -> bytes:
        """Return the head of a request.

        `path` is percent-encoded with nothing but unreserved characters and slashes in the clear,
        `query` is canonical: encoded, and sorted by name. The store wants every x-amz- header to be
        signed; `headers` have names in lower case or none of those.
        """
        self._keep_time()
        headers = list(headers)
        amz = [(name, value) for name, value in headers if name.startswith("x-amz-")]
        signed, middle = _SIGNED, f"x-amz-content-sha256:{payload}\nx-amz-date:{self._stamp}\n"
        if amz:
            amz += [("x-amz-content-sha256", payload), ("x-amz-date", self._stamp)]
            amz.sort()
            signed = ";".join(["host", *(name for name, _ in amz)])
            middle = "".join([f"{name}:{' '.join(value.split())}\n" for name, value in amz])
        canonical = f"{method}\n{path}\n{query}\nhost:{_HOST}\n{middle}\n{signed}\n{payload}"
        digest = sha256(canonical.encode("latin-1")).hexdigest()
        to_sign = f"{self._before_digest}{digest}"
        signature = hmac.digest(self._key, to_sign.encode(), "sha256").hex()
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers]) if headers else ""
        target = f"{path}?{query}" if query else path
        return (
            f"{method} {target}{self._before_payload}{payload}{self._before_signed}{signed}, "
            f"Signature={signature}\r\n{lines}\r\n"
        ).encode("latin-1")

    def _keep_time(self) -> None:
        second = int(time.time())
        if second == self._second:
            return
        self._second = second
        self._stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))
        day = self._stamp[:8]
        self._scope = f"{day}/{self._region}/s3/aws4_request"
        self._key = signing_key(self._secret, day, self._region, "s3")
        self._before_digest = f"{_ALGORITHM}\n{self._stamp}\n{self._scope}\n"
        self._before_payload = (
            f" HTTP/1.1\r\nHost: {_HOST}\r\nx-amz-date: {self._stamp}\r\nx-amz-content-sha256: "
        )
        self._before_signed = (
            f"\r\nAuthorization: {_ALGORITHM} Credential={self._key_id}/{self._scope}, "
            "SignedHeaders="
        )


@lru_cache(maxsize=4096)
def signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    """Derive the key of one day, region and service (SigV4)."""
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def encoded(text: str, safe: str = "") -> str:
    """Percent-encode as SigV4 wants it: everything but letters, digits, - . _ ~."""
    return quote(text, safe=f"{safe}~")
