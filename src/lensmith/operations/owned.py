"""Finds resources that the caller's account owns, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from sqlalchemy import Connection

from lensmith.domain.arn import DatasetArn, ProjectArn, ProjectVersionArn
from lensmith.domain.dataset import Dataset
from lensmith.domain.errors import ResourceNotFoundException
from lensmith.domain.project import Project
from lensmith.domain.project_version import ProjectVersion
from lensmith.operations.call import Call, Service
from lensmith.store.records import accounts, datasets, project_versions, projects

_Arn: TypeAlias = ProjectArn | DatasetArn | ProjectVersionArn

_version_arn = lru_cache(maxsize=1024)(ProjectVersionArn.parse)


@dataclass(frozen=True, slots=True)
class Owned:
    """Finds by ARN; another account's or region's ARN is unknown here (api.md 1.5).

    Every method raises ResourceNotFoundException. When `locks`, the project that a found
    resource belongs to is locked until the transaction ends.
    """

    connection: Connection
    account_id: str
    region: str
    locks: bool

    def lock_account(self) -> None:
        """Let no other call that counts what the account has pass, when this one `locks`."""
        if self.locks:
            accounts.lock(self.connection, self.account_id)

    def project(self, arn: str) -> Project:
        self._own(arn, ProjectArn.parse(arn))
        project = projects.find(self.connection, arn)
        if project is not None and self.locks:
            projects.lock(self.connection, project.id)
            project = projects.find(self.connection, arn)
        if project is None:
            raise ResourceNotFoundException(arn)
        return project

    def dataset(self, arn: str) -> Dataset:
        self._own(arn, DatasetArn.parse(arn))
        dataset = datasets.find(self.connection, arn)
        if dataset is not None and self.locks:
            projects.lock(self.connection, dataset.project_id)
            dataset = datasets.find(self.connection, arn)
        if dataset is None:
            raise ResourceNotFoundException(arn)
        return dataset

    def version(self, arn: str) -> ProjectVersion:
        self._own(arn, ProjectVersionArn.parse(arn))
        version = project_versions.find(self.connection, arn)
        if version is not None and self.locks:
            projects.lock(self.connection, version.project_id)
            version = project_versions.find(self.connection, arn)
        if version is None:
            raise ResourceNotFoundException(arn)
        return version

    def _own(self, text: str, arn: _Arn | None) -> None:
        _refuse_others(text, arn, self.account_id, self.region)


def known_version(service: Service, call: Call, arn: str) -> ProjectVersion:
    """Find a version as `Owned.version` does, through the record cache."""
    _refuse_others(arn, _version_arn(arn), call.caller.account_id, service.settings.region)
    version = service.records.read_cached(project_versions.find, arn)
    if version is None:
        raise ResourceNotFoundException(arn)
    return version


@contextmanager
def viewing(service: Service, call: Call) -> Iterator[Owned]:
    """Open a read of the caller's resources."""
    with service.records.read() as connection:
        yield _owned(connection, service, call, locks=False)


@contextmanager
def changing(service: Service, call: Call) -> Iterator[Owned]:
    """Open a write transaction; changes to one project are serialised, on every database."""
    with service.records.write() as connection:
        yield _owned(connection, service, call, locks=True)


def _refuse_others(text: str, arn: _Arn | None, account_id: str, region: str) -> None:
    if arn is None or (arn.account_id, arn.region) != (account_id, region):
        raise ResourceNotFoundException(text)


def _owned(connection: Connection, service: Service, call: Call, *, locks: bool) -> Owned:
    return Owned(connection, call.caller.account_id, service.settings.region, locks)
