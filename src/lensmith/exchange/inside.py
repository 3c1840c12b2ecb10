"""Resolves hostile names to paths that stay below a folder."""

from __future__ import annotations

from pathlib import Path, PurePosixPath


def inside(folder: Path, name: str) -> Path | None:
    """Resolve `name` below `folder`; None when it leads out of it or is not a file name.

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
    """Return whether the name is relative, without empty, `.` or `..` parts, and valid Unicode."""
    parts = name.split("/")
    if "\0" in name or "" in parts or "." in parts or ".." in parts:
        return False
    return name.isascii() or not any("\ud800" <= one <= "\udfff" for one in name)


def normal_name(name: str) -> str:
    """Remove `./` and doubled slashes, which label files may contain."""
    return str(PurePosixPath(name)) if name else name


def first_link(path: Path) -> Path | None:
    """Return the first symbolic link among the path and all below it."""
    return next((one for one in (path, *path.rglob("*")) if one.is_symlink()), None)
