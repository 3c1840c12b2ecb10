"""Labels from folder names (manifests.md 1.8)."""

from __future__ import annotations

from collections.abc import Iterable

_ENDINGS = (".png", ".jpg", ".jpeg")

SPLITS = frozenset({"train", "training", "val", "valid", "validation", "test", "testing"})
_OF_TEST = ("test", "testing", "val", "valid", "validation")
_OF_TRAIN = ("train", "training")


def is_picture_name(name: str) -> bool:
    """Whether the ending is that of PNG or JPEG, in any case."""
    return name.lower().endswith(_ENDINGS)


def folder_label(path: str) -> str | None:
    """The first folder of a path below the root; None for an image at the root."""
    first, slash, _ = path.partition("/")
    return first if slash else None


def are_splits(folders: Iterable[str]) -> bool:
    """Whether all of them are named like the parts of a set, one of them for training or tests."""
    named = {folder.lower() for folder in folders}
    return bool(named) and named <= SPLITS


def folder_of_split(folders: Iterable[str], split: str) -> str | None:
    """Find the folder of a split: of that name, or of another usual one for the same."""
    named = {folder.lower(): folder for folder in folders}
    others = _OF_TRAIN if split in _OF_TRAIN else _OF_TEST if split in _OF_TEST else ()
    return next((named[name] for name in (split, *others) if name in named), None)
