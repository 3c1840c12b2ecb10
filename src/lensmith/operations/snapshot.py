"""Snapshots datasets as manifest files, so that later changes do not disturb a training."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import Connection

from lensmith.domain.dataset import DatasetType
from lensmith.domain.readable import Writable, WritableFolder
from lensmith.manifest.dataset.entry import manifest_line
from lensmith.operations.training_source import DatasetSource
from lensmith.store.files import sync_directory
from lensmith.store.records import entries
from lensmith.store.sealed.file import SealedFolder

FILE_NAMES = {DatasetType.TRAIN: "train.manifest", DatasetType.TEST: "test.manifest"}


def write(
    connection: Connection,
    source: DatasetSource,
    directory: Path,
    seal: Callable[[Path], SealedFolder] | None = None,
) -> str:
    """Write the datasets' lines below `directory`; returns the token, the new folder's name.

    `seal` makes a data key for the folder, whose files are then encrypted under it.

    The folder appears whole or not at all, also when the machine loses power.
    """
    token = secrets.token_hex(16)
    unfinished = directory / f".{token}"
    unfinished.mkdir(parents=True)
    try:
        target: WritableFolder = unfinished if seal is None else seal(unfinished)
        for dataset in source.datasets:
            lines = entries.lines(connection, dataset.id)
            _write_lines(target / FILE_NAMES[dataset.type], lines)
        sync_directory(unfinished)
        unfinished.rename(directory / token)
        sync_directory(directory)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return token


def discard(directory: Path, token: str) -> None:
    """Remove a snapshot that no job was queued for."""
    shutil.rmtree(directory / token, ignore_errors=True)


def _write_lines(target: Writable, lines: Iterable[str]) -> None:
    with target.open("wb") as file:
        file.writelines(manifest_line(line) + b"\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
