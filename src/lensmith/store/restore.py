"""Makes a data directory from an archive that `backup` wrote."""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

import msgspec

from lensmith.domain.errors import LensmithError
from lensmith.store.backup import END, FORMAT, HEAD, RECORDS, Head


def restore(archive: Path, directory: Path) -> Head:
    """Create `directory` with everything of the archive, complete or not at all.

    Raises LensmithError if the directory has files, the archive is no backup, is cut short or
    damaged, was written by a later format, or a file cannot be written.
    """
    if directory.exists() and any(directory.iterdir()):
        raise LensmithError(
            f"{directory} is not empty. Restore into a new directory (--data-directory), and move "
            "this one away only when that one works."
        )
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=directory.parent, prefix=f".{directory.name}."))  # 0700
        try:
            head = _unpack(archive, made)
            _check_records(made / RECORDS)
            if directory.exists():
                directory.rmdir()
            made.rename(directory)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except (OSError, tarfile.TarError, sqlite3.Error) as error:
        raise LensmithError(f"{archive} cannot be restored: {error}.") from error
    return head


def _unpack(archive: Path, directory: Path) -> Head:
    head, is_whole = None, False
    with tarfile.open(archive, mode="r|") as tar:
        for member in tar:
            if head is None:
                head = _head(archive, tar, member)
            elif member.name == END:
                is_whole = True
            elif not member.isfile():
                raise LensmithError(f"{archive} is no backup: {member.name} is not a file.")
            else:
                tar.extract(member, directory, filter="data")  # nothing outside the directory
    if head is None or not is_whole:
        raise LensmithError(f"{archive} is cut short; the backup did not end.")
    return head


def _head(archive: Path, tar: tarfile.TarFile, member: tarfile.TarInfo) -> Head:
    file = tar.extractfile(member) if member.name == HEAD else None
    if file is None:
        raise LensmithError(f"{archive} is no backup of Lensmith.")
    try:
        head = msgspec.json.decode(file.read(1 << 16), type=Head)
    except msgspec.MsgspecError as error:
        raise LensmithError(f"{archive} is no backup of Lensmith: {error}.") from error
    if head.format > FORMAT:
        raise LensmithError(f"{archive} was written by Lensmith {head.lensmith}; use that version.")
    return head


def _check_records(file: Path) -> None:
    with closing(sqlite3.connect(file)) as records:
        (found,) = records.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise LensmithError(f"The records of the backup are damaged: {found}.")
