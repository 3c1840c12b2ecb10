"""Writes a data directory into one archive, while its server runs.

All of it is of one moment: a read transaction holds the records, and for the milliseconds in which
its files are linked beside the others the object store stands still. Its files only grow, so the
bytes that each had then are what a killed store would find. Copying goes on while both work again.
"""

from __future__ import annotations

import fcntl
import io
import os
import shutil
import signal
import sqlite3
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil

from lensmith.config import Settings
from lensmith.domain.errors import LensmithError
from lensmith.store.folder_lock import locked_folder

FORMAT = 1
HEAD = "lensmith-backup.json"
END = "lensmith-backup.end"
RECORDS = "records.db"

# Made again, or of one machine and one moment only.
_LEFT_OUT = frozenset(
    {"run", "trainings", "copies", "pictures", "cache", "lock", "server.log", "server.log.1"}
)
_SMALL = 64 << 10  # bytes; such a file may be rewritten in place, so it is copied, not linked
MAX_PAUSE_SECONDS = 10  # of the object store
_LOOK_SECONDS = 0.001
_STAGING = "backup-"
_ABANDONED_SECONDS = 60.0  # age of a staging folder that no process holds any more
_STILL = frozenset("TtZX")  # states of a thread that is stopped, or has ended


class Head(msgspec.Struct, frozen=True):
    """The first member of an archive."""

    format: int
    lensmith: str  # version
    created: str
    objects: bool  # False: they are in an S3 of their own


@dataclass(frozen=True, slots=True)
class Written:
    files: int
    bytes: int
    pause_seconds: float  # of the object store


def back_up(
    settings: Settings,
    archive: Path,
    version: str,
    created: str,
    max_pause_seconds: int = MAX_PAUSE_SECONDS,
) -> Written:
    """Write the archive, complete under its name or not at all; readable by its owner alone.

    Raises LensmithError if there are no records here, they are in PostgreSQL, a file cannot be
    read or written, or the object store would have to stand still for longer.
    """
    if settings.records_url:
        raise LensmithError(
            "The records are in a database of their own: back that up with its own tool "
            "(pg_dump), and the data directory by copying it while the server is stopped."
        )
    directory = settings.data_directory
    if not (directory / RECORDS).exists():
        raise LensmithError(f"There is nothing to back up: {directory / RECORDS} does not exist.")
    head = Head(FORMAT, version, created, objects=not settings.s3_endpoint_url)
    unfinished = archive.with_name(f".{archive.name}.unfinished")
    try:
        _remove_abandoned(directory)
        # Beside the files, because links reach no other file system.
        with (
            tempfile.TemporaryDirectory(dir=directory, prefix=_STAGING) as staging,
            locked_folder(Path(staging), fcntl.LOCK_SH),
            _private_file(unfinished) as file,
            tarfile.open(fileobj=file, mode="w|") as tar,
        ):
            written = _write(settings, Path(staging), tar, head, max_pause_seconds)
        unfinished.replace(archive)
    except (OSError, sqlite3.Error) as error:
        raise LensmithError(f"The backup failed: {error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return written


def _write(
    settings: Settings, staging: Path, tar: tarfile.TarFile, head: Head, max_pause_seconds: int
) -> Written:
    directory = settings.data_directory
    records = staging / RECORDS
    with closing(sqlite3.connect(directory / RECORDS, isolation_level=None)) as source:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on one view
        began = time.monotonic()
        with _standing_still(settings, max_pause_seconds):
            lengths = _link_all(directory, staging)
        pause = time.monotonic() - began
        with closing(sqlite3.connect(records)) as target:
            source.backup(target)
    _add_bytes(tar, HEAD, msgspec.json.encode(head))
    lengths[records] = records.stat().st_size
    for path, length in lengths.items():
        _add_file(tar, path, str(path.relative_to(staging)), length)
    _add_bytes(tar, END, b"")
    return Written(len(lengths), sum(lengths.values()), pause)


def _remove_abandoned(directory: Path) -> None:
    """Remove what killed backups left: its links keep the bytes of deleted objects."""
    for left in directory.glob(f"{_STAGING}*"):
        with suppress(OSError), locked_folder(left, fcntl.LOCK_EX | fcntl.LOCK_NB):
            if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def _link_all(directory: Path, staging: Path) -> dict[Path, int]:
    """Link or copy every file that belongs into a backup; returns how long each was."""
    lengths: dict[Path, int] = {}
    for entry in sorted(directory.iterdir()):
        if entry.name in _LEFT_OUT or entry.name.startswith((_STAGING, RECORDS)):
            continue
        for path in _files(entry):
            linked = staging / path.relative_to(directory)
            with suppress(FileNotFoundError):  # deleted meanwhile, which the records know
                lengths[linked] = _link(path, linked)
    return lengths


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for folder, _, names in os.walk(path):
        yield from (Path(folder, name) for name in names if not Path(folder, name).is_symlink())


def _link(path: Path, linked: Path) -> int:
    linked.parent.mkdir(parents=True, exist_ok=True)
    length = path.stat().st_size
    if length < _SMALL:
        shutil.copyfile(path, linked)
        return linked.stat().st_size
    linked.hardlink_to(path)
    return length


@contextmanager
def _standing_still(settings: Settings, max_seconds: int) -> Iterator[None]:
    """Stop the object store's process for the block, however the block or this process ends."""
    process = _object_store(settings)
    if process is None:
        yield
        return
    # Should this process be killed inside the block, the store goes on by itself.
    waker = subprocess.Popen(
        ["/bin/sh", "-c", f"sleep {max_seconds}; kill -CONT {process.pid}"],
        start_new_session=True,
    )
    try:
        process.suspend()
        while not _is_still(process):
            _refuse_if(waker.poll() is not None, max_seconds)
            time.sleep(_LOOK_SECONDS)
        yield
        _refuse_if(waker.poll() is not None or not _is_still(process), max_seconds)
    finally:
        process.resume()
        with suppress(ProcessLookupError):
            os.killpg(waker.pid, signal.SIGTERM)
        waker.wait()


def _refuse_if(is_awake: bool, max_seconds: int) -> None:
    """Raise LensmithError when the object store may have worked meanwhile."""
    if is_awake:
        raise LensmithError(
            f"The backup failed: the files could not be linked within {max_seconds} s, for "
            "which the object store stands still. Try again when the machine is less busy."
        )


def _is_still(process: psutil.Process) -> bool:
    """Return whether each thread is stopped, where the kernel tells it.

    A signal stops the first thread that runs again, and that one the others: on a busy machine
    they work on for a while.
    """
    for task in Path(f"/proc/{process.pid}/task").glob("*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            if task.read_text().rpartition(")")[2].split()[0] not in _STILL:
                return False
    return True


def _object_store(settings: Settings) -> psutil.Process | None:
    """Return SeaweedFS, if a server runs it."""
    try:
        number = int((settings.run_directory / "seaweed" / "pid").read_text())
        process = psutil.Process(number)
        is_ours = f"-dir={settings.data_directory / 'objects'}" in process.cmdline()
    except (FileNotFoundError, ValueError, psutil.Error):
        return None
    return process if is_ours else None


@contextmanager
def _private_file(path: Path) -> Iterator[io.BufferedWriter]:
    path.touch(mode=0o600)
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _add_bytes(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o600
    tar.addfile(member, io.BytesIO(data))


def _add_file(tar: tarfile.TarFile, path: Path, name: str, length: int) -> None:
    """Add the first `length` bytes."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = length, 0o600
    with path.open("rb") as file:
        tar.addfile(member, file)
