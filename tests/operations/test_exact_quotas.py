"""Quotas hold under 30 calls at once, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from tests.operations.bench import ACCOUNT, CALLER, RecordingFleet
from tests.store.records.conftest import records

from lensmith.config import Quotas, Settings
from lensmith.domain.errors import LimitExceededException, ServiceQuotaExceededException
from lensmith.domain.identity_errors import IdentityLimitExceededError
from lensmith.domain.project import Project
from lensmith.domain.project_version import VersionStatus
from lensmith.operations.call import Call, Service
from lensmith.operations.copy_project_version import copy_project_version
from lensmith.operations.hosting import start_project_version
from lensmith.operations.iam.users import create_access_key
from lensmith.operations.project_policies import put_project_policy
from lensmith.operations.project_versions import create_project_version
from lensmith.operations.projects import create_project
from lensmith.store.objects import ObjectStores
from lensmith.store.records import accounts, project_versions, projects
from lensmith.store.records.engine import Records
from lensmith.wire.pagination import PaginationTokens

__all__ = ["records"]
CALLS = 30
REFUSALS = (LimitExceededException, ServiceQuotaExceededException, IdentityLimitExceededError)
MANIFEST = {"GroundTruthManifest": {"S3Object": {"Bucket": "in", "Name": "a.manifest"}}}


@pytest.fixture
def service(tmp_path: Path, records: Records) -> Service:
    with records.write() as connection:
        accounts.create_account(connection, ACCOUNT)
    settings = Settings(tmp_path)
    tokens = PaginationTokens(b"a secret for the tests of tokens")
    return Service(
        settings, records, ObjectStores(settings, records), RecordingFleet(), tokens, lambda: None
    )


def succeeded(service: Service, work: Callable[[Service, Call], Any], *requests: Any) -> int:
    """How many of as many calls at once were not refused for a quota."""
    gate = Barrier(len(requests))

    def one(members: dict[str, Any]) -> bool:
        gate.wait()
        try:
            work(service, Call("", members, CALLER, ""))
        except REFUSALS:
            return False
        return True

    with ThreadPoolExecutor(len(requests)) as pool:
        return sum(pool.map(one, requests))


def limited(service: Service, **quotas: int) -> Service:
    return replace(service, settings=replace(service.settings, quotas=Quotas(**quotas)))


def project(service: Service, name: str = "orchard") -> Project:
    with service.records.write() as connection:
        return projects.create(connection, ACCOUNT, "us-east-1", name)


def test_projects(service: Service) -> None:
    requests = [{"ProjectName": f"p{number}"} for number in range(CALLS)]
    assert succeeded(limited(service, projects_per_account=7), create_project, *requests) == 7


def test_trainings_and_versions(service: Service) -> None:
    owners = [project(service, f"p{number}") for number in range(3)]
    requests = [
        {
            "ProjectArn": owners[number % 3].arn,
            "VersionName": f"v{number}",
            "OutputConfig": {"S3Bucket": "out"},
            "TrainingData": {"Assets": [MANIFEST]},
            "TestingData": {"AutoCreate": True},
        }
        for number in range(CALLS)
    ]
    few = limited(service, concurrent_trainings=5)
    assert succeeded(few, create_project_version, *requests) == 5
    many = limited(service, concurrent_trainings=1000, versions_per_project=4)
    others = [{**each, "VersionName": f"w{number}"} for number, each in enumerate(requests)]
    assert succeeded(many, create_project_version, *others) == 3 * 4 - 5


def test_running_models(service: Service) -> None:
    owner = project(service)
    requests = []
    for number in range(CALLS):
        with service.records.write() as connection:
            version = project_versions.create(
                connection,
                owner,
                f"v{number}",
                output_bucket="out",
                output_prefix="",
                training_input={},
                testing_input={},
            )
            completed = VersionStatus.TRAINING_COMPLETED
            project_versions.set_status(connection, version.id, completed)
        requests.append({"ProjectVersionArn": version.arn, "MinInferenceUnits": 1})
    assert succeeded(limited(service, running_models=4), start_project_version, *requests) == 4


def test_copies(service: Service) -> None:
    owner = project(service)
    with service.records.write() as connection:
        source = project_versions.create(
            connection,
            owner,
            "v1",
            output_bucket="out",
            output_prefix="",
            training_input={},
            testing_input={},
        )
        project_versions.set_status(connection, source.id, VersionStatus.TRAINING_COMPLETED)
    requests = [
        {
            "SourceProjectArn": owner.arn,
            "SourceProjectVersionArn": source.arn,
            "DestinationProjectArn": owner.arn,
            "VersionName": f"c{number}",
            "OutputConfig": {"S3Bucket": "out"},
        }
        for number in range(CALLS)
    ]
    few = limited(service, concurrent_copies=3)
    assert succeeded(few, copy_project_version, *requests) == 3


def test_project_policies(service: Service) -> None:
    owner = project(service)
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "rekognition:CopyProjectVersion",
        "Resource": "*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    requests = [
        {"ProjectArn": owner.arn, "PolicyName": f"p{number}", "PolicyDocument": document}
        for number in range(CALLS)
    ]
    few = limited(service, policies_per_project=4)
    assert succeeded(few, put_project_policy, *requests) == 4


def test_access_keys(service: Service) -> None:
    with service.records.write() as connection:
        accounts.create_user(connection, ACCOUNT, "ana", [])
    requests = [{"UserName": "ana"}] * CALLS
    assert succeeded(service, create_access_key, *requests) == 2
