"""Labels from folder names (manifests.md 1.8)."""

from __future__ import annotations

_ENDINGS = (".png", ".jpg", ".jpeg")


def is_picture_name(name: str) -> bool:
    """Return whether the ending is that of PNG or JPEG, in any case."""
    return name.lower().endswith(_ENDINGS)


def folder_label(path: str) -> str | None:
    """Return the first folder of a path below the root; None for an image at the root."""
    first, slash, _ = path.partition("/")
    return first if slash else None
