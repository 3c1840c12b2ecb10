"""Files in a folder in which programs are at work: some go while a test looks."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def files_below(folder: Path) -> Iterator[Path]:
    """Regular files of a folder and of those in it; no symbolic link is followed.

    `Path.rglob` raises FileNotFoundError where a folder goes between its listing and its turn.
    """
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            with suppress(FileNotFoundError):
                if stat.S_ISREG(path.lstat().st_mode):
                    yield path


def contents_below(folder: Path, *endings: str) -> Iterator[tuple[Path, bytes]]:
    """These files with what they hold, without those that are gone when it is their turn.

    With `endings` only those whose names end so.
    """
    for path in files_below(folder):
        if not path.name.endswith(endings or ("",)):
            continue
        with suppress(FileNotFoundError):
            content = path.read_bytes()
            yield path, content
