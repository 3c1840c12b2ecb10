"""Copies trained models to other projects: `python -m lensmith.tasks.copies` (api.md 4.4).

A copy is made of the source's published folder alone: the model, its evaluation, and the result
files that were kept with it. They become visible together, when all of them are there.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import structlog

from lensmith.datasets.completion import completing, fail
from lensmith.datasets.stores import Stores
from lensmith.domain.dataset import StatusMessageCode
from lensmith.domain.errors import (
    LensmithError,
    ObjectForbidden,
    ObjectMissing,
    ObjectStoreError,
    OutputNotWritable,
)
from lensmith.domain.job import Job, JobKind
from lensmith.domain.key import model_context
from lensmith.domain.project import Project
from lensmith.domain.project_version import ProjectVersion, ResultFile
from lensmith.manifest.line.finding import Code
from lensmith.store.keyring.key_service import key_service
from lensmith.store.objects import is_refusal
from lensmith.store.outage import PATIENCE_SECONDS
from lensmith.store.published.linking import link_folder
from lensmith.store.published.model import using_model
from lensmith.store.published.opening import published_folders
from lensmith.store.records import project_versions, projects
from lensmith.store.result_files import ResultFiles
from lensmith.store.sealed.copying import transcribe
from lensmith.store.sealed.folder import create_sealed, open_sealed, rewrap
from lensmith.tasks import process

_log = structlog.get_logger(__name__)


class VersionGoneError(LensmithError):
    """The copy or its source is not in the records any more."""


def main() -> None:
    process.run(JobKind.COPY_VERSION, copy_version, clean=discard)


def copy_version(stores: Stores, job: Job) -> None:
    """Copy the files, write the results to the bucket, then complete the version."""
    try:
        _copy(stores, job)
    except BaseException as error:
        discard(stores, job)
        if not isinstance(error, OutputNotWritable) or not _is_final(error):
            raise
        _log.info("output not writable", job=job.id, reason=str(error))
        message = Code.OUTPUT_BUCKET_NOT_WRITABLE.message
        fail(stores.records, job, StatusMessageCode.CLIENT_ERROR, message)


def discard(stores: Stores, job: Job) -> None:
    """Remove the files of a copy that did not end well."""
    shutil.rmtree(_staging(stores, job), ignore_errors=True)


def _copy(stores: Stores, job: Job) -> None:
    version, source, project = _read(stores, job)
    staging = _staging(stores, job)
    shutil.rmtree(staging, ignore_errors=True)  # left by an attempt that was killed
    key_arn = job.payload.get("key")
    folders = published_folders(stores.settings, stores.records, PATIENCE_SECONDS)
    with using_model(stores.settings, folders, source) as model:
        _copy_model(stores, model, staging, key_arn, project)
    results = _write_results(stores, job, version, project, staging, key_arn)
    digest = folders.publish(staging)
    with completing(stores.records, job) as connection:
        source = project_versions.find(connection, source.arn) or source  # as it is now
        project_versions.finish_copy(connection, version, source, results, digest)


def _copy_model(
    stores: Stores, source: Path, target: Path, key_arn: str | None, project: Project
) -> None:
    """Copy a model so that the copy depends on its own key alone, or on none."""
    keys, context = key_service(stores.settings, stores.records), model_context(project.arn)
    sealed = open_sealed(stores.settings, stores.records, source)
    if sealed is None and key_arn is None:
        link_folder(source, target)
    elif sealed is not None and key_arn is not None:
        link_folder(source, target)
        rewrap(target, keys, key_arn, context)
    else:
        target.mkdir(parents=True)
        written = target if key_arn is None else create_sealed(target, keys, key_arn, context)
        transcribe(source, sealed or source, target, written)


def _read(stores: Stores, job: Job) -> tuple[ProjectVersion, ProjectVersion, Project]:
    with stores.records.read() as connection:
        version = project_versions.find(connection, job.resource_arn)
        source = project_versions.find(connection, job.payload["source"])
        if version is None or source is None:
            raise VersionGoneError(job.resource_arn)
        return version, source, projects.get(connection, version.project_id)


def _write_results(
    stores: Stores,
    job: Job,
    version: ProjectVersion,
    project: Project,
    artefact: Path,
    key_arn: str | None,
) -> dict[str, str]:
    """Write to the caller's bucket with its rights; returns the S3 keys by ResultFile."""
    try:
        client = stores.objects.for_key(job.access_key_id)
    except ObjectForbidden as error:
        raise OutputNotWritable(str(error)) from error
    folder = open_sealed(stores.settings, stores.records, artefact) or artefact
    results = ResultFiles(client, version, project.name, folder, key_arn)
    results.probe()
    results.upload_kept()
    return {file.value: results.keys[file] for file in ResultFile if file in results.keys}


def _is_final(error: OutputNotWritable) -> bool:
    """Return whether the store refused the output; else it failed, and is tried again."""
    cause = error.__cause__
    if isinstance(cause, ObjectMissing | ObjectForbidden):
        return True
    return isinstance(cause, ObjectStoreError) and is_refusal(cause)


def _staging(stores: Stores, job: Job) -> Path:
    return stores.settings.copies_directory / str(job.id)


if __name__ == "__main__":
    main()
