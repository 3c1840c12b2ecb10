"""Usual names of the parts of a set: for training, for validation, for tests."""

from __future__ import annotations

import re
from collections.abc import Iterable

_OF_TEST = ("test", "testing", "val", "valid", "validation", "dev", "eval")
_OF_TRAIN = ("train", "training")
SPLITS = frozenset({*_OF_TEST, *_OF_TRAIN})
_FILLERS = frozenset({"data", "dataset", "images", "imgs", "pictures", "set", "split"})


def split_name(folder: str) -> str | None:
    """Return the split that a folder is named after: `val` of `Val`, `val2017` and `val_set`."""
    words = [word for word in re.findall("[a-z]+", folder.lower()) if word not in _FILLERS]
    return words[0] if len(words) == 1 and words[0] in SPLITS else None


def are_splits(folders: Iterable[str]) -> bool:
    """Return whether all are named like the parts of a set, one of them for training or tests."""
    named = [split_name(folder) for folder in folders]
    return bool(named) and None not in named


def is_of_training(split: str) -> bool:
    return split_name(split) in _OF_TRAIN


def folder_of_split(folders: Iterable[str], split: str) -> str | None:
    """Find the folder of a split: of that name, or of another usual one for the same."""
    given = list(folders)
    named = {split_name(folder): folder for folder in given}
    others = _OF_TRAIN if split in _OF_TRAIN else _OF_TEST if split in _OF_TEST else ()
    exact = next((folder for folder in given if folder.lower() == split.lower()), None)
    return exact or next((named[name] for name in (split, *others) if name in named), None)
