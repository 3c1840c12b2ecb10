"""Compares what was acknowledged with what the servers say, once nothing is killed any more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.eventually import until

from bench.kills.history import faults_of, read_history
from bench.kills.ledger import Ledger, Project
from lensmith.config import Settings
from lensmith.domain.dataset import DatasetStatus
from lensmith.domain.job import JobKind, JobStatus
from lensmith.domain.project_version import VersionStatus
from lensmith.store.published.model import using_model
from lensmith.store.published.opening import published_folders
from lensmith.store.records import jobs, project_versions
from lensmith.store.records.engine import Records
from lensmith.store.records.tables import datasets
from lensmith.store.unreadable_folder import UnreadableFolderError

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

_UNDER_WAY = (JobStatus.QUEUED, JobStatus.RUNNING)
_HALF = (VersionStatus.TRAINING_IN_PROGRESS, VersionStatus.COPYING_IN_PROGRESS)
_PAGE = 100


@dataclass(frozen=True)
class Servers:
    """Those that were killed, all of which answer, and the records that they share."""

    clients: Sequence[RekognitionClient]
    records: Records
    settings: Settings  # of one of them


def faults(servers: Servers, ledgers: Sequence[Ledger]) -> list[str]:
    """Return every difference, once no job is left; an empty list is what is hoped for."""
    until(lambda: _unfinished(servers.records), lambda left: not left, "jobs do not end")
    found = [fault for ledger in ledgers for fault in ledger.faults]
    found += faults_of(read_history(servers.records))
    found += _half_done(servers.records)
    kept = [project for ledger in ledgers for project in ledger.projects]
    for client in servers.clients:
        found += _projects_differ(client, {project.name for project in kept})
    for number, project in enumerate(kept):
        client = servers.clients[number % len(servers.clients)]
        found += _datasets_differ(client, project)
        found += _versions_differ(client, project)
    return [*found, *_models_missing(servers, kept)]


def _unfinished(records: Records) -> list[str]:
    with records.read() as connection:
        return [
            f"{job.kind} {job.resource_arn} {job.status}"
            for status in _UNDER_WAY
            for job in jobs.with_status(connection, status, list(JobKind))
        ]


def _half_done(records: Records) -> Iterator[str]:
    """Name resources in a passing state that no job ends any more."""
    passing = [one.value for one in DatasetStatus if not one.has_content]
    passing.append(DatasetStatus.UPDATE_IN_PROGRESS.value)
    with records.read() as connection:
        for version in project_versions.in_states(connection, _HALF):
            yield f"{version.arn} stays {version.status}"
        rows = connection.execute(datasets.select().where(datasets.c.status.in_(passing)))
        yield from (f"{row.arn} stays {row.status}" for row in rows)


def _projects_differ(client: RekognitionClient, wanted: set[str]) -> Iterator[str]:
    pages = client.get_paginator("describe_projects").paginate()
    arns = [one["ProjectArn"] for page in pages for one in page["ProjectDescriptions"]]
    names = [arn.split("/")[1] for arn in arns]
    if len(names) != len(set(names)):
        yield "a project is listed twice"
    yield from (f"project {name} is lost" for name in wanted - set(names))
    yield from (f"project {name} is there again" for name in set(names) - wanted)


def _datasets_differ(client: RekognitionClient, project: Project) -> Iterator[str]:
    """Compare lines, of both datasets together: which entry a distribution moves is not known."""
    found: dict[str, dict[str, Any]] = {}
    for arn in project.datasets:
        lines = list(_lines(client, arn))
        stats = client.describe_dataset(DatasetArn=arn)["DatasetDescription"]["DatasetStats"]
        if stats["TotalEntries"] != len(lines):
            yield f"{arn} counts {stats['TotalEntries']} of {len(lines)} entries"
        for line in lines:
            ref = line["source-ref"]
            if ref in found:
                yield f"{ref} is there twice"
            found[ref] = line
    yield from (f"{ref} is lost" for ref in project.lines.keys() - found.keys())
    yield from (f"{ref} was never there" for ref in found.keys() - project.lines.keys())
    for ref, acknowledged in project.lines.items():
        wanted = json.loads(acknowledged)
        if ref in found and not wanted.items() <= found[ref].items():
            yield f"{ref} is another than acknowledged"
    if len(project.datasets) == 1 and list(found) != list(project.lines):
        yield f"{project.datasets[0]} has another order"


def _lines(client: RekognitionClient, arn: str) -> Iterator[dict[str, Any]]:
    pages = client.get_paginator("list_dataset_entries").paginate(
        DatasetArn=arn, PaginationConfig={"PageSize": _PAGE}
    )
    for page in pages:
        yield from map(json.loads, page["DatasetEntries"])


def _versions_differ(client: RekognitionClient, project: Project) -> Iterator[str]:
    pages = client.get_paginator("describe_project_versions").paginate(ProjectArn=project.arn)
    listed = [one for page in pages for one in page["ProjectVersionDescriptions"]]
    found = {one["ProjectVersionArn"]: one["Status"] for one in listed}
    wanted = {one.arn: one.ends_as for one in project.versions}
    if found != wanted:
        yield f"versions of {project.name} are {found}, not {wanted}"


def _models_missing(servers: Servers, kept: Sequence[Project]) -> Iterator[str]:
    """Fetch each model from the system bucket, which compares every file with its digest."""
    folders = published_folders(servers.settings, servers.records)
    for version in (version for project in kept for version in project.versions):
        with servers.records.read() as connection:
            record = project_versions.find(connection, version.arn)
        if record is None or record.artefact is None:
            yield f"{version.arn} has no model"
            continue
        try:
            with using_model(servers.settings, folders, record):
                pass
        except UnreadableFolderError as error:
            yield f"the model of {version.arn} cannot be read: {error}"
