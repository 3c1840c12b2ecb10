"""Snapshots datasets as manifest files, so that later changes do not disturb a training."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection

from lensmith.domain.dataset import DatasetType
from lensmith.domain.errors import InternalServerError, ObjectStoreError
from lensmith.domain.readable import Writable, WritableFolder
from lensmith.manifest.dataset.entry import manifest_line
from lensmith.operations.training_source import DatasetSource
from lensmith.store.published.folders import PublishedFolders
from lensmith.store.records import entries
from lensmith.store.sealed.file import SealedFolder

FILE_NAMES = {DatasetType.TRAIN: "train.manifest", DatasetType.TEST: "test.manifest"}


def write(
    connection: Connection,
    source: DatasetSource,
    directory: Path,
    folders: PublishedFolders,
    seal: Callable[[Path], SealedFolder] | None = None,
) -> str:
    """Write the datasets' lines below `directory` and publish them; returns the digest.

    `seal` makes a data key for the folder, whose files are then encrypted under it. Raises
    InternalServerError when the store of folders is away.
    """
    unfinished = directory / secrets.token_hex(16)
    unfinished.mkdir(parents=True)
    try:
        target: WritableFolder = unfinished if seal is None else seal(unfinished)
        for dataset in source.datasets:
            lines = entries.lines(connection, dataset.id)
            _write_lines(target / FILE_NAMES[dataset.type], lines)
        return folders.publish(unfinished)
    except ObjectStoreError as error:
        raise InternalServerError("The object store did not answer as expected.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def discard(folders: PublishedFolders, digest: str) -> None:
    """Remove a snapshot that no job was queued for; the sweep does it when this cannot."""
    with suppress(ObjectStoreError, OSError):
        folders.remove(digest)


def _write_lines(target: Writable, lines: Iterable[str]) -> None:
    with target.open("wb") as file:
        file.writelines(manifest_line(line) + b"\n" for line in lines)
