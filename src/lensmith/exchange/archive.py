"""Unpacks a hostile zip archive into a folder, within limits."""

from __future__ import annotations

import lzma
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lensmith.exchange.archive_names import member_names
from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.inside import inside, normal_name
from lensmith.exchange.services import is_location
from lensmith.exchange.steps import Steps
from lensmith.manifest.convert.folder_label import is_picture_name

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
ARCHIVE_ENDING = ".zip"
_SKIPPED = ("__MACOSX/", ".DS_Store")
_SMALL = 1 << 20  # bytes; a file up to this size may be packed as densely as it likes


class ArchiveError(ExchangeError):
    """An archive cannot be unpacked, or must not be; the message says why, `code` too."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


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

    Raises ArchiveError for an archive that is damaged, encrypted, leads out of the folder or is
    larger than the limits allow.
    """
    limits = limits or ArchiveLimits()
    try:
        with zipfile.ZipFile(archive) as opened:
            names = member_names(opened.infolist())
            members = [member for member in opened.infolist() if _is_wanted(names[member])]
            _refuse_large(members, folder, limits)
            for member in members:
                _unpack_one(opened, member, names[member], folder, limits)
                done()
    except _DAMAGED as error:
        raise ArchiveError("ARCHIVE_UNREADABLE", f"The archive cannot be read: {error}") from error
    except OSError as error:
        raise ArchiveError(
            "ARCHIVE_UNREADABLE", f"The archive cannot be unpacked: {error}"
        ) from error


@contextmanager
def unpacked(source: str, steps: Steps) -> Iterator[str]:
    """Yield the folder of an unpacked zip, which is removed afterwards; any other source as it is.

    Raises ExchangeError when a local source is not there, ArchiveError as `unpack` does.
    ExchangeErrors of the block name the archive.
    """
    path = Path(source)
    if not is_location(source) and not path.exists():
        raise ExchangeError(f"There is no file or folder {source}.")
    if path.suffix.lower() != ARCHIVE_ENDING or not path.is_file():
        yield source
        return
    beside = path.absolute().parent
    room = beside if os.access(beside, os.W_OK) else None  # or where temporary files are
    with TemporaryDirectory(prefix="lensmith-import-", dir=room) as scratch:
        folder = Path(scratch) / path.stem
        folder.mkdir()
        with steps.counting("Unpacking", None) as done:
            unpack(path, folder, done)
        try:
            yield str(unwrapped(folder))
        except ExchangeError as error:
            said = str(error).replace(str(folder.resolve()), source).replace(str(folder), source)
            raise ExchangeError(said) from error


def _is_wanted(name: str) -> bool:
    is_folder = name.endswith("/")
    return not (is_folder or name.startswith(_SKIPPED[0]) or name.endswith(_SKIPPED[1]))


def _refuse_large(members: list[zipfile.ZipInfo], folder: Path, limits: ArchiveLimits) -> None:
    """Refuse an archive by what it declares; unpacking holds it to that."""
    if len(members) > limits.files:
        raise ArchiveError(
            "ARCHIVE_TOO_LARGE", f"The archive has more than {limits.files:,} files."
        )
    total = sum(member.file_size for member in members)
    room = shutil.disk_usage(folder).free - limits.free_bytes
    if total > min(limits.bytes, room):
        raise ArchiveError(
            "ARCHIVE_TOO_LARGE", f"The archive holds {total:,} bytes, more than there is room for."
        )


def _unpack_one(
    opened: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    name: str,
    folder: Path,
    limits: ArchiveLimits,
) -> None:
    path = inside(folder, normal_name(name))
    if path is None or stat.S_ISLNK(member.external_attr >> 16):
        raise ArchiveError("ARCHIVE_LEADS_OUT", f"{name!r} in the archive leads out of its folder.")
    if path.suffix.lower() in _LABELS and member.file_size > limits.label_bytes:
        raise ArchiveError(
            "LABELS_TOO_LARGE",
            f"{name!r} has {member.file_size:,} bytes; a file of labels has at most "
            f"{limits.label_bytes:,}.",
        )
    if member.file_size > _SMALL and member.file_size > limits.ratio * member.compress_size:
        raise ArchiveError("ARCHIVE_TOO_DENSE", f"{name!r} in the archive is packed too densely.")
    path.parent.mkdir(parents=True, exist_ok=True)
    left = member.file_size
    with opened.open(member) as packed, path.open("xb") as file:
        while chunk := packed.read(min(_CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise ArchiveError(
                    "ARCHIVE_TOO_LARGE", f"{name!r} is larger than the archive says."
                )
            file.write(chunk)


def unwrapped(root: Path) -> Path:
    """Skip the single top folder that archives often have."""
    inside = list(root.iterdir())
    while len(inside) == 1 and inside[0].is_dir() and not _has_pictures(inside[0].iterdir()):
        root = inside[0]
        inside = list(root.iterdir())
    return root


def _has_pictures(paths: Iterable[Path]) -> bool:
    return any(path.is_file() and is_picture_name(path.name) for path in paths)
