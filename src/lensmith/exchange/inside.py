"""Paths from hostile names that stay below a folder."""

from __future__ import annotations

from pathlib import Path, PurePosixPath


def inside(folder: Path, name: str) -> Path | None:
    """The file `name` below `folder`; None when the name leads out of it or is no file name.

    Neither `..`, nor an absolute name, nor a symbolic link leads out.
    """
    if not is_relative_name(name):
        return None
    try:
        path = (folder / name).resolve()
    except (OSError, RuntimeError):  # a loop of links
        return None
    return path if path.is_relative_to(folder.resolve()) else None


def is_relative_name(name: str) -> bool:
    """Whether the name has parts only that stand for themselves, in characters of Unicode."""
    parts = name.split("/")
    if "\0" in name or "" in parts or "." in parts or ".." in parts:
        return False
    return name.isascii() or not any("\ud800" <= one <= "\udfff" for one in name)


def normal_name(name: str) -> str:
    """Without `./` and doubled slashes, as label files write them."""
    return str(PurePosixPath(name)) if name else name


def first_link(path: Path) -> Path | None:
    """The path or the first thing below it that is a symbolic link."""
    return next((one for one in (path, *path.rglob("*")) if one.is_symlink()), None)
