"""Names that others gave, shown in a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """With question marks for what a terminal would obey: names of files and keys are hostile."""
    return "".join(one if one.isprintable() else "?" for one in text)
