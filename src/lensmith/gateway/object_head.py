"""The head of an object as the store sends it, line by line."""

from __future__ import annotations

from lensmith.gateway.store_call import REQUEST_ID, is_for_client

_MAX_NAMES = 256

_KEPT, _DROPPED, _LENGTH, _REQUEST_ID, _UNUSUAL = range(5)
_SPECIAL = {
    "content-length": _LENGTH,
    REQUEST_ID: _REQUEST_ID,
    "transfer-encoding": _UNUSUAL,
    "x-amz-server-side-encryption-aws-kms-key-id": _UNUSUAL,  # the caller may not use the key
}
_uses: dict[bytes, int] = {}


def object_head(head: bytes) -> tuple[int, int, list[bytes]] | None:
    """Return the status, the body's length, and the lines for the client, the first included.

    None for an answer that is not simply passed on: an encrypted object, a fault of the store, a
    body in chunks, no answer. `head` is without the empty line at its end.
    """
    lines = head.split(b"\r\n")
    status, length = int(lines[0][9:12] or 500), 0
    if status >= 500:
        return None
    kept = [lines[0]]
    for line in lines[1:]:
        name, _, value = line.partition(b": ")
        use = _uses.get(name)
        if use is None:
            use = _use(name)
        if use == _KEPT or (use == _REQUEST_ID and status >= 400):
            kept.append(line)
        elif use == _LENGTH:
            length = int(value)
        elif use == _UNUSUAL:
            return None
    return status, length, kept


def _use(name: bytes) -> int:
    lowered = name.decode("latin-1").lower()
    use = _SPECIAL.get(lowered)
    if use is None:
        use = _KEPT if is_for_client(lowered) else _DROPPED
    if len(_uses) < _MAX_NAMES:
        _uses[name] = use
    return use
