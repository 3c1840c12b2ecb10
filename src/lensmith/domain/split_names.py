"""Usual names of the parts of a set: for training, for validation, for tests."""

from __future__ import annotations

from collections.abc import Iterable

SPLITS = frozenset({"train", "training", "val", "valid", "validation", "test", "testing"})
_OF_TEST = ("test", "testing", "val", "valid", "validation")
_OF_TRAIN = ("train", "training")


def are_splits(folders: Iterable[str]) -> bool:
    """Return whether all are named like the parts of a set, one of them for training or tests."""
    named = {folder.lower() for folder in folders}
    return bool(named) and named <= SPLITS


def is_of_training(split: str) -> bool:
    return split.lower() in _OF_TRAIN


def folder_of_split(folders: Iterable[str], split: str) -> str | None:
    """Find the folder of a split: of that name, or of another usual one for the same."""
    named = {folder.lower(): folder for folder in folders}
    others = _OF_TRAIN if split in _OF_TRAIN else _OF_TEST if split in _OF_TEST else ()
    return next((named[name] for name in (split, *others) if name in named), None)
