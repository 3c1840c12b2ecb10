"""The head of an object as the store sends it, line by line."""

from __future__ import annotations

from typing import NamedTuple

from lensmith.gateway.store_call import REQUEST_ID, is_for_client

_MAX_NAMES = 256

_KEPT, _DROPPED, _LENGTH, _REQUEST_ID, _UNUSUAL, _ETAG, _NAMING, _ENCRYPTED = range(8)
_ENCRYPTION = "x-amz-server-side-encryption"
_SPECIAL = {
    "content-length": _LENGTH,
    "etag": _ETAG,
    "last-modified": _NAMING,
    "x-amz-version-id": _NAMING,
    REQUEST_ID: _REQUEST_ID,
    "transfer-encoding": _UNUSUAL,
    "x-amz-server-side-encryption-aws-kms-key-id": _UNUSUAL,  # the caller may not use the key
}
_OF_IDENTITY = frozenset({_ETAG, _NAMING, _ENCRYPTED})
_uses: dict[bytes, int] = {}


class ObjectHead(NamedTuple):
    """The head of an answer: its status, its body's length, the lines for the client.

    `identity` are those lines that tell the body from others of the same path; `etag` is empty
    for a body that is not to be in memory: a part, an encrypted one, an error.
    """

    status: int
    length: int
    lines: list[bytes]  # the first included
    identity: tuple[bytes, ...]
    etag: bytes

    def names(self, identity: tuple[bytes, ...], length: int) -> bool:
        """Return whether it is the head of a body that is in memory."""
        return bool(self.etag) and self.identity == identity and self.length == length


def object_head(head: bytes) -> ObjectHead | None:
    """Read a head.

    None for an answer that is not simply passed on: an encrypted object, a fault of the store, a
    body in chunks, no answer. `head` is without the empty line at its end.
    """
    lines = head.split(b"\r\n")
    status, length = int(lines[0][9:12] or 500), 0
    if status >= 500:
        return None
    kept = [lines[0]]
    naming, etag, is_encrypted = [], b"", False
    for line in lines[1:]:
        name, _, value = line.partition(b": ")
        use = _uses.get(name)
        if use is None:
            use = _use(name)
        if use == _KEPT or (use == _REQUEST_ID and status >= 400):
            kept.append(line)
        elif use == _LENGTH:
            length = int(value)
        elif use in _OF_IDENTITY:
            kept.append(line)
            if use == _ENCRYPTED:
                is_encrypted = True
            else:
                naming.append(line)
                etag = value.strip(b'"') if use == _ETAG else etag
        elif use == _UNUSUAL:
            return None
    if is_encrypted or status != 200:
        etag = b""
    return ObjectHead(status, length, kept, tuple(naming), etag)


def _use(name: bytes) -> int:
    lowered = name.decode("latin-1").lower()
    use = _SPECIAL.get(lowered)
    if use is None:
        use = _KEPT if is_for_client(lowered) else _DROPPED
        if lowered.startswith(_ENCRYPTION):
            use = _ENCRYPTED
    if len(_uses) < _MAX_NAMES:
        _uses[name] = use
    return use
