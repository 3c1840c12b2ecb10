"""Collects the context of one attempt at a training job."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lensmith.config import Settings
from lensmith.domain.job import Job, JobStatus
from lensmith.domain.job_errors import SupersededError
from lensmith.domain.key import model_context
from lensmith.domain.project import Project
from lensmith.domain.project_version import ProjectVersion
from lensmith.store.keyring.key_service import key_service
from lensmith.store.objects import ObjectStores
from lensmith.store.outage import PATIENCE_SECONDS
from lensmith.store.published.folders import PublishedFolders
from lensmith.store.published.opening import published_folders
from lensmith.store.records import jobs, project_versions, projects
from lensmith.store.records.engine import Records
from lensmith.store.result_files import ResultFiles
from lensmith.store.sealed.file import SealedFolder
from lensmith.store.sealed.folder import create_sealed
from lensmith.training.job.progress import ProgressWriter
from lensmith.training.job.workspace import Seal, Workspace

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Attempt:
    settings: Settings
    records: Records
    job: Job
    project: Project
    version: ProjectVersion
    objects: S3Client  # signs with the key of the caller of CreateProjectVersion
    folders: PublishedFolders
    workspace: Workspace
    results: ResultFiles
    on_progress: ProgressWriter

    @classmethod
    def begin(cls, settings: Settings, records: Records, job: Job) -> Attempt:
        """Begin an attempt; raises SupersededError when the job is not running any more."""
        with records.read() as connection:
            version = project_versions.find(connection, job.resource_arn)
            if version is None or job.status is not JobStatus.RUNNING:
                raise SupersededError(f"Job {job.id} is {job.status}.")
            project = projects.get(connection, version.project_id)
        objects = ObjectStores(settings, records).for_key(job.access_key_id)
        key_arn = job.payload.get("key")
        seal = None if key_arn is None else _seal(settings, records, key_arn, project)
        workspace = Workspace.of(settings, job.id, job.fence, seal)
        return cls(
            settings,
            records,
            job,
            project,
            version,
            objects,
            published_folders(settings, records, PATIENCE_SECONDS),
            workspace,
            ResultFiles(
                objects, version, project.name, workspace.artefact, key_arn, PATIENCE_SECONDS
            ),
            ProgressWriter(records, job, version.id),
        )


def _seal(settings: Settings, records: Records, key_arn: str, project: Project) -> Seal:
    def seal(path: Path) -> SealedFolder:
        keys = key_service(settings, records)
        return create_sealed(path, keys, key_arn, model_context(project.arn))

    return seal


def read_job(records: Records, job_id: int, fence: int) -> Job:
    """Read a claimed job; raises SupersededError when it was claimed again since."""
    with records.read() as connection:
        job = jobs.get(connection, job_id)
    if job.fence != fence:
        raise SupersededError(f"Job {job_id} has fence {job.fence} after {fence}.")
    return job
