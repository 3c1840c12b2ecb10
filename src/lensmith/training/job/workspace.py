"""Creates and removes the files that a training keeps on disk."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from lensmith.config import Settings
from lensmith.domain.job import Job
from lensmith.domain.project_version import ProjectVersion
from lensmith.store.files import sync_directory


@dataclass(frozen=True, slots=True)
class Workspace:
    """The directory of one job, on the file system of the models."""

    directory: Path

    @classmethod
    def of(cls, settings: Settings, job_id: int) -> Workspace:
        return cls(_workspaces(settings) / str(job_id))

    @property
    def images(self) -> Path:
        return self.directory / "images"

    @property
    def artefact(self) -> Path:
        return self.directory / "artefact"

    def make_empty(self) -> None:
        """Create the folders, without files of an earlier attempt."""
        self.remove()
        for directory in (self.images, self.artefact):
            directory.mkdir(parents=True)

    def remove(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)


def snapshot_directory(settings: Settings, job: Job) -> Path | None:
    """Return the folder of manifests frozen for the job; None when it reads them from S3."""
    token = job.payload["snapshot"]
    return settings.snapshots_directory / token if token else None


def installed_model(settings: Settings, version: ProjectVersion) -> Path:
    """Return the folder that the artefact of a trained version is served from."""
    return settings.models_directory / str(version.id)


def install_model(settings: Settings, version: ProjectVersion, artefact: Path) -> None:
    """Move a finished artefact to where it is served from, replacing one of an earlier attempt."""
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
    _remove_all_but({str(job.id) for job in unfinished}, _workspaces(settings))
    tokens = {job.payload["snapshot"] for job in unfinished}
    _remove_all_but(tokens, settings.snapshots_directory)


def _remove_all_but(kept: set[str], directory: Path) -> None:
    if not directory.is_dir():
        return
    for entry in directory.iterdir():
        if entry.name not in kept:
            shutil.rmtree(entry, ignore_errors=True)


def _workspaces(settings: Settings) -> Path:
    return settings.data_directory / "trainings"
