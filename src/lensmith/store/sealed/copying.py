"""Copies folders into sealed ones, and out of them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from lensmith.domain.readable import Folder
from lensmith.store.files import sync_directory
from lensmith.store.sealed.file import SealedFolder
from lensmith.store.sealed.folder import DATA_KEY_FILE

_PIECE = 1 << 20  # bytes


def seal_copy(source: Path, target: SealedFolder) -> None:
    """Encrypt every file below a folder into one that is not there yet."""
    _copy(source, source, target.path, target)


def transcribe(source: Path, read: Folder, target: Path, written: Folder) -> None:
    """Copy every file below `source`, read through one folder and written through another.

    The wrapped data key of a sealed source stays where it is.
    """
    _copy(source, read, target, written)


def _copy(source: Path, read: Folder, target: Path, written: Folder) -> None:
    for path in sorted(each for each in source.rglob("*") if _is_content(each)):
        name = str(path.relative_to(source))
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        with (read / name).open("rb") as original, (written / name).open("wb") as copy:
            shutil.copyfileobj(original, copy, _PIECE)
            copy.flush()
            os.fsync(copy.fileno())
    for directory in (target, *(each for each in target.rglob("*") if each.is_dir())):
        sync_directory(directory)


def _is_content(path: Path) -> bool:
    return path.is_file() and path.name != DATA_KEY_FILE
