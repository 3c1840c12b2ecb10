"""Keys of objects that the embedded store takes for others, or that it keeps for itself."""

from __future__ import annotations

import re

_ID = re.compile(r"[A-Za-z0-9._~+=-]{0,1024}")


def is_ambiguous(key: str) -> bool:
    """Return whether the store would read a key as another one."""
    return _has_odd_slash(key) or has_dot_part(key)


def is_ambiguous_prefix(prefix: str) -> bool:
    """Return whether the store would list what begins otherwise; no key begins so."""
    return _has_odd_slash(prefix) or has_dot_part(prefix.rpartition("/")[0])


def has_dot_part(key: str) -> bool:
    """Return whether a part of a key is `.` or `..`, which clients and stores resolve."""
    return "." in key and not {".", ".."}.isdisjoint(key.split("/"))


def is_inner(key: str) -> bool:
    """Return whether the store keeps something of its own there: parts, or older versions."""
    return "." in key and (key.startswith(".uploads/") or key == ".uploads" or ".versions/" in key)


def is_store_id(text: str) -> bool:
    """Return whether a text can be the id of a version or upload, which the store puts in a path.

    None, the empty text, is one.
    """
    return bool(_ID.fullmatch(text)) and text not in {".", ".."}


def _has_odd_slash(key: str) -> bool:
    return "//" in key or key.startswith("/") or "\\" in key or "\0" in key
