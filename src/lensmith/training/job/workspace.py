"""Creates and removes the files that a training keeps on disk."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from lensmith.config import Settings
from lensmith.domain.errors import ObjectStoreError
from lensmith.domain.job import Job
from lensmith.domain.readable import WritableFolder
from lensmith.store.published.folders import PublishedFolders
from lensmith.store.published.opening import is_digest, published_folders, unfinished_trainings
from lensmith.store.records.engine import Records
from lensmith.store.sealed.copying import seal_copy
from lensmith.store.sealed.file import SealedFolder
from lensmith.store.sealed.folder import DATA_KEY_FILE
from lensmith.training.job.memory_directory import refuse_disk

Seal = Callable[[Path], SealedFolder]
"""Makes a data key for a folder; raises a KmsError."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Workspace:
    """The directory of one attempt at a job, on the file system of the models.

    Its name holds the job's fence: a process that lost the job to another on the same node, and
    ends, takes nothing of that one's along.

    With `seal`, what is in it is encrypted, and the artefact is in `memory` until it is published.
    """

    directory: Path
    memory: Path
    seal: Seal | None = None
    sealed: SealedFolder | None = None  # once it was made empty

    @classmethod
    def of(cls, settings: Settings, job_id: int, fence: int, seal: Seal | None = None) -> Workspace:
        name = _name(job_id, fence)
        return cls(_workspaces(settings) / name, _in_memory(settings) / name, seal)

    @property
    def manifests(self) -> WritableFolder:
        return self.sealed or self.directory

    @property
    def images(self) -> WritableFolder:
        images = self.directory / "images"
        return images if self.sealed is None else self.sealed.below(images)

    @property
    def artefact(self) -> Path:
        return (self.directory if self.seal is None else self.memory) / "artefact"

    def make_empty(self) -> None:
        """Create the folders, without files of an earlier attempt.

        Raises a KmsError, and MemoryDirectoryError if plaintext could reach a disk.
        """
        self.remove()
        if self.seal is not None:
            refuse_disk(self.memory)
        (self.directory / "images").mkdir(parents=True)
        self.artefact.mkdir(parents=True, mode=0o700)
        if self.seal is not None:
            self.sealed = self.seal(self.directory)

    def remove(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)
        shutil.rmtree(self.memory, ignore_errors=True)


def finished_artefact(workspace: Workspace) -> Path:
    """Return the folder of a finished artefact, complete and sealed as it is to be published."""
    if workspace.sealed is None:
        return workspace.artefact
    artefact = workspace.directory / "sealed"
    seal_copy(workspace.artefact, workspace.sealed.below(artefact))
    shutil.copyfile(workspace.directory / DATA_KEY_FILE, artefact / DATA_KEY_FILE)
    return artefact


@contextmanager
def using_snapshot(settings: Settings, folders: PublishedFolders, name: str) -> Iterator[Path]:
    """Give the folder of manifests frozen for a training; raises UnreadableFolderError."""
    if not is_digest(name):
        yield settings.snapshots_directory / name
        return
    with folders.using(name) as path:
        yield path


def holds_snapshot(settings: Settings, folders: PublishedFolders, job: Job) -> bool:
    """Return whether this server can read what the job trains on."""
    name: str | None = job.payload["snapshot"]
    if name is None:
        return True
    if is_digest(name):
        return folders.holds(name)
    return (settings.snapshots_directory / name).exists()


def discard_files(settings: Settings, records: Records, job: Job) -> None:
    """Remove the files that only an unfinished job needs."""
    Workspace.of(settings, job.id, job.fence).remove()
    name = job.payload["snapshot"]
    if name is None:
        return
    if not is_digest(name):
        shutil.rmtree(settings.snapshots_directory / name, ignore_errors=True)
        return
    try:
        published_folders(settings, records).remove(name)
    except (ObjectStoreError, OSError) as error:  # the sweep of orphans removes it later
        _log.warning("snapshot not removed", digest=name, reason=str(error))


def sweep(settings: Settings, records: Records) -> None:
    """Remove workspaces, and snapshots that are not published, that no training needs any more.

    Processes that were killed left them: a training after its end was recorded, a server before
    it had published a snapshot.
    """
    snapshots = _entries(settings.snapshots_directory)
    unfinished = sweep_workspaces(settings, records)
    _remove_all_but({job.payload["snapshot"] for job in unfinished}, snapshots)


def sweep_workspaces(settings: Settings, records: Records) -> list[Job]:
    """Remove the workspaces of trainings that have ended; returns those that have not."""
    # Listed first: one that begins after the records were read, as another training on the same
    # node of a cluster, is not in them yet.
    workspaces = [*_entries(_workspaces(settings)), *_entries(_in_memory(settings))]
    with records.read() as connection:
        unfinished = unfinished_trainings(connection)
    _remove_all_but({_name(job.id, job.fence) for job in unfinished}, workspaces)
    return unfinished


def _entries(directory: Path) -> list[Path]:
    return list(directory.iterdir()) if directory.is_dir() else []


def _remove_all_but(kept: set[str], entries: Iterable[Path]) -> None:
    for entry in entries:
        if entry.name not in kept:
            shutil.rmtree(entry, ignore_errors=True)


def _name(job_id: int, fence: int) -> str:
    return f"{job_id}-{fence}"


def _in_memory(settings: Settings) -> Path:
    """Return the folder of this data directory's plaintext, apart from that of others."""
    name = hashlib.sha256(str(settings.data_directory).encode()).hexdigest()[:16]
    return Path(settings.memory_directory) / f"lensmith-{name}"


def _workspaces(settings: Settings) -> Path:
    return settings.data_directory / "trainings"
