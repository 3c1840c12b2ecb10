"""The files of a version's model: a published folder, or that of a version made before there were.

Earlier models lie in `models/<id>` of the server that trained them, and those from before there
was a system bucket in its `files/`, until `adopt` publishes them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lensmith.config import Settings
from lensmith.domain.project_version import ProjectVersion
from lensmith.domain.readable import Folder
from lensmith.store.published.folders import PublishedFolders
from lensmith.store.published.index import CONTENT
from lensmith.store.published.opening import published_folders
from lensmith.store.records.engine import Records
from lensmith.store.sealed.folder import open_folder


def local_folder(settings: Settings, version: ProjectVersion) -> Path:
    """Return where a model's files are on this machine while they are used."""
    if version.artefact is None:
        return earlier_folder(settings, version)
    here = _folder_here(settings, version.artefact)
    if not settings.s3_endpoint_url or here.is_dir():
        return here
    return settings.files_cache_directory / version.artefact / CONTENT


def earlier_folder(settings: Settings, version: ProjectVersion) -> Path:
    return settings.models_directory / str(version.id)


def _folder_here(settings: Settings, artefact: str) -> Path:
    return settings.files_directory / artefact / CONTENT


@contextmanager
def using_model(
    settings: Settings, folders: PublishedFolders, version: ProjectVersion
) -> Iterator[Path]:
    """Give the folder of a model on this machine's disk, which stays there during the block.

    Raises UnreadableFolderError. An earlier model's folder may be missing.
    """
    if version.artefact is None:
        yield earlier_folder(settings, version)
        return
    here = _folder_here(settings, version.artefact)
    if settings.s3_endpoint_url and here.is_dir():  # it is not published yet
        yield here
        return
    with folders.using(version.artefact) as path:
        yield path


@contextmanager
def reading_model(
    settings: Settings, records: Records, version: ProjectVersion, patience_seconds: float = 0
) -> Iterator[Folder]:
    """Give a model's files to read, decrypted where they are sealed; raises as `using_model`.

    A store that is away is waited for, for `patience_seconds` a call.
    """
    folders = published_folders(settings, records, patience_seconds)
    with using_model(settings, folders, version) as path:
        yield open_folder(settings, records, path)


def is_within_reach(settings: Settings, folders: PublishedFolders, version: ProjectVersion) -> bool:
    """Return whether this server can read a model; it may lie on the disk of another."""
    if version.artefact is None:
        return earlier_folder(settings, version).is_dir()
    return folders.holds(version.artefact)


def remove_model(settings: Settings, folders: PublishedFolders, version: ProjectVersion) -> None:
    """Remove a model wherever it is; raises OSError, and ObjectStoreError of a store away."""
    if version.artefact is not None:
        folders.remove(version.artefact)
    earlier = earlier_folder(settings, version)
    if earlier.exists():
        shutil.rmtree(earlier)
