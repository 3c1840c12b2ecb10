"""Creates and removes the files that a training keeps on disk."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from lensmith.config import Settings
from lensmith.domain.job import Job
from lensmith.domain.project_version import ProjectVersion
from lensmith.domain.readable import WritableFolder
from lensmith.store.files import sync_directory
from lensmith.store.sealed.copying import seal_copy
from lensmith.store.sealed.file import SealedFolder
from lensmith.store.sealed.folder import DATA_KEY_FILE
from lensmith.training.job.memory_directory import refuse_disk

Seal = Callable[[Path], SealedFolder]
"""Makes a data key for a folder; raises a KmsError."""


@dataclass(slots=True)
class Workspace:
    """The directory of one job, on the file system of the models.

    With `seal`, what is in it is encrypted, and the artefact is in `memory` until it is installed.
    """

    directory: Path
    memory: Path
    seal: Seal | None = None
    sealed: SealedFolder | None = None  # once it was made empty

    @classmethod
    def of(cls, settings: Settings, job_id: int, seal: Seal | None = None) -> Workspace:
        return cls(_workspaces(settings) / str(job_id), _in_memory(settings) / str(job_id), seal)

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


def snapshot_directory(settings: Settings, job: Job) -> Path | None:
    """Return the folder of manifests frozen for the job; None when it reads them from S3."""
    token = job.payload["snapshot"]
    return settings.snapshots_directory / token if token else None


def installed_model(settings: Settings, version: ProjectVersion) -> Path:
    """Return the folder that the artefact of a trained version is served from."""
    return settings.models_directory / str(version.id)


def install_model(settings: Settings, version: ProjectVersion, workspace: Workspace) -> None:
    """Move a finished artefact to where it is served from, replacing one of an earlier attempt."""
    artefact = workspace.artefact
    if workspace.sealed is not None:
        artefact = workspace.directory / "sealed"
        seal_copy(workspace.artefact, workspace.sealed.below(artefact))
        shutil.copyfile(workspace.directory / DATA_KEY_FILE, artefact / DATA_KEY_FILE)
        sync_directory(artefact)
    target = installed_model(settings, version)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    artefact.rename(target)
    sync_directory(target.parent)


def discard_files(settings: Settings, job: Job) -> None:
    """Remove the files that only an unfinished job needs."""
    Workspace.of(settings, job.id).remove()
    snapshot = snapshot_directory(settings, job)
    if snapshot is not None:
        shutil.rmtree(snapshot, ignore_errors=True)


def sweep(settings: Settings, unfinished: Collection[Job]) -> None:
    """Remove workspaces and snapshots that none of these jobs needs.

    Processes that were killed left them: a training after its end was recorded, a server between
    a snapshot and the commit of its job.
    """
    kept = {str(job.id) for job in unfinished}
    _remove_all_but(kept, _workspaces(settings))
    _remove_all_but(kept, _in_memory(settings))
    tokens = {job.payload["snapshot"] for job in unfinished}
    _remove_all_but(tokens, settings.snapshots_directory)


def _remove_all_but(kept: set[str], directory: Path) -> None:
    if not directory.is_dir():
        return
    for entry in directory.iterdir():
        if entry.name not in kept:
            shutil.rmtree(entry, ignore_errors=True)


def _in_memory(settings: Settings) -> Path:
    """Return the folder of this data directory's plaintext, apart from that of others."""
    name = hashlib.sha256(str(settings.data_directory).encode()).hexdigest()[:16]
    return Path(settings.memory_directory) / f"lensmith-{name}"


def _workspaces(settings: Settings) -> Path:
    return settings.data_directory / "trainings"
