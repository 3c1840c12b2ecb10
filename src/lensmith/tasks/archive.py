"""Unpacks a hostile zip archive into a folder, within limits."""

from __future__ import annotations

import lzma
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lensmith.exchange.inside import inside, normal_name
from lensmith.tasks.process import TaskError

_CHUNK = 1 << 20
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
_LABELS = (".csv", ".data", ".json", ".names", ".txt", ".xml", ".yaml", ".yml")
_SKIPPED = ("__MACOSX/", ".DS_Store")
_SMALL = 1 << 20  # bytes; a file up to this size may be packed as densely as it likes


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    files: int = 550_000  # images and label files of the largest dataset
    bytes: int = 200 << 30
    ratio: int = 200  # of a file's size to its packed size; label files reach some 20
    label_bytes: int = 1 << 30  # of one file of labels, which is read whole
    free_bytes: int = 1 << 30  # that must stay free on the disk


def unpack(
    archive: Path,
    folder: Path,
    done: Callable[[], None] = lambda: None,
    limits: ArchiveLimits | None = None,
) -> None:
    """Write the files of a zip below `folder`; `done` is called after each.

    Raises TaskError for an archive that is damaged, encrypted, leads out of the folder or is
    larger than the limits allow.
    """
    limits = limits or ArchiveLimits()
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if _is_wanted(member)]
            _refuse_large(members, folder, limits)
            for member in members:
                _unpack_one(opened, member, folder, limits)
                done()
    except _DAMAGED as error:
        raise TaskError("ARCHIVE_UNREADABLE", f"The archive cannot be read: {error}") from error
    except OSError as error:
        raise TaskError("ARCHIVE_UNREADABLE", f"The archive cannot be unpacked: {error}") from error


def _is_wanted(member: zipfile.ZipInfo) -> bool:
    name = member.filename
    return not (member.is_dir() or name.startswith(_SKIPPED[0]) or name.endswith(_SKIPPED[1]))


def _refuse_large(members: list[zipfile.ZipInfo], folder: Path, limits: ArchiveLimits) -> None:
    """Refuse an archive by what it declares; unpacking holds it to that."""
    if len(members) > limits.files:
        raise TaskError("ARCHIVE_TOO_LARGE", f"The archive has more than {limits.files:,} files.")
    total = sum(member.file_size for member in members)
    room = shutil.disk_usage(folder).free - limits.free_bytes
    if total > min(limits.bytes, room):
        raise TaskError(
            "ARCHIVE_TOO_LARGE", f"The archive holds {total:,} bytes, more than there is room for."
        )


def _unpack_one(
    opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, limits: ArchiveLimits
) -> None:
    path = inside(folder, normal_name(member.filename))
    if path is None or stat.S_ISLNK(member.external_attr >> 16):
        raise TaskError(
            "ARCHIVE_LEADS_OUT", f"{member.filename!r} in the archive leads out of its folder."
        )
    if path.suffix.lower() in _LABELS and member.file_size > limits.label_bytes:
        raise TaskError(
            "LABELS_TOO_LARGE",
            f"{member.filename!r} has {member.file_size:,} bytes; a file of labels has at most "
            f"{limits.label_bytes:,}.",
        )
    if member.file_size > _SMALL and member.file_size > limits.ratio * member.compress_size:
        raise TaskError(
            "ARCHIVE_TOO_DENSE", f"{member.filename!r} in the archive is packed too densely."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    left = member.file_size
    with opened.open(member) as packed, path.open("xb") as file:
        while chunk := packed.read(min(_CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise TaskError(
                    "ARCHIVE_TOO_LARGE", f"{member.filename!r} is larger than the archive says."
                )
            file.write(chunk)
