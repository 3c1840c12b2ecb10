"""Escaping of untrusted names for the terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """Replace control characters, which a terminal would obey, by question marks."""
    return "".join(one if one.isprintable() else "?" for one in text)
