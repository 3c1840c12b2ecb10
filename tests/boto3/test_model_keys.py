"""KmsKeyId of CreateProjectVersion: resolved at the call, by every name and every right."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from tests.boto3.identities import Account, account, allow
from tests.support.eventually import until
from tests.support.live_server import LiveServer

from lensmith.domain.job import Job
from lensmith.store.records import jobs
from lensmith.store.records.engine import Records

__all__ = ["account"]
NEEDED = ("kms:CreateGrant", "kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt")


@pytest.fixture
def key(account: Account) -> dict[str, Any]:
    made: dict[str, Any] = account.client("kms").create_key()["KeyMetadata"]
    return made


@pytest.fixture
def project_arn(account: Account) -> str:
    return str(account.client("rekognition").create_project(ProjectName="p")["ProjectArn"])


def create(
    account: Account,
    project_arn: str,
    key_id: str,
    session: boto3.Session | None = None,
    **more: Any,
) -> str:
    assets = {
        "Assets": [
            {
                "GroundTruthManifest": {
                    "S3Object": {"Bucket": "no-such-bucket", "Name": "m.manifest"}
                }
            }
        ]
    }
    answer = account.client("rekognition", session).create_project_version(
        ProjectArn=project_arn,
        VersionName=more.get("name", "v1"),
        OutputConfig={"S3Bucket": "no-such-bucket"},
        TrainingData=assets,
        TestingData={"AutoCreate": True},
        KmsKeyId=key_id,
    )
    return str(answer["ProjectVersionArn"])


def refused(call: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call()
    error = raised.value.response["Error"]
    assert error["Code"] == "InvalidParameterException"
    return error["Message"]


def test_every_name_of_a_key_is_resolved_and_echoed(
    account: Account, key: dict[str, Any], project_arn: str, live_records: Records
) -> None:
    account.client("kms").create_alias(AliasName="alias/m", TargetKeyId=key["KeyId"])
    alias_arn = key["Arn"].replace(f"key/{key['KeyId']}", "alias/m")
    rekognition = account.client("rekognition")
    for number, name in enumerate((key["KeyId"], key["Arn"], "alias/m", alias_arn)):
        arn = create(account, project_arn, name, name=f"v{number}")
        assert _job(live_records, arn).payload["key"] == key["Arn"]
        described = until(
            lambda: rekognition.describe_project_versions(ProjectArn=project_arn),
            lambda answer: all(
                version["Status"] == "TRAINING_FAILED"  # there is no such manifest
                for version in answer["ProjectVersionDescriptions"]
            ),
        )["ProjectVersionDescriptions"]
        assert name in {version["KmsKeyId"] for version in described}


def test_keys_that_cannot_be_used_are_refused(
    account: Account, key: dict[str, Any], project_arn: str
) -> None:
    kms = account.client("kms")
    for unknown in ("alias/none", key["Arn"][:-4] + "0000", "x", "arn:aws:s3:b"):
        assert "cannot be used" in refused(partial(create, account, project_arn, unknown))
    kms.disable_key(KeyId=key["KeyId"])
    assert "cannot be used" in refused(partial(create, account, project_arn, key["KeyId"]))
    kms.enable_key(KeyId=key["KeyId"])
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    assert "cannot be used" in refused(partial(create, account, project_arn, key["KeyId"]))


def test_every_right_is_needed(account: Account, key: dict[str, Any], project_arn: str) -> None:
    for number, missing in enumerate(NEEDED):
        rights = [action for action in NEEDED if action != missing]
        user = account.user(f"u{number}", allow("rekognition:*", *rights))
        assert "cannot be used" in refused(
            partial(create, account, project_arn, key["KeyId"], user)
        )
    able = account.user("able", allow("rekognition:*", *NEEDED))
    assert create(account, project_arn, key["KeyId"], able)


def test_a_key_of_another_account(
    account: Account, project_arn: str, server: LiveServer, live_records: Records
) -> None:
    stranger = Account(server, live_records)
    kms = stranger.client("kms")
    foreign = kms.create_key()["KeyMetadata"]
    assert "cannot be used" in refused(partial(create, account, project_arn, foreign["Arn"]))
    policy = json.loads(kms.get_key_policy(KeyId=foreign["KeyId"])["Policy"])
    policy["Statement"].append(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account.account_id}:root"},
            "Action": list(NEEDED),
            "Resource": "*",
        }
    )
    kms.put_key_policy(KeyId=foreign["KeyId"], PolicyName="default", Policy=json.dumps(policy))
    assert create(account, project_arn, foreign["Arn"])


def _job(records: Records, arn: str) -> Job:
    with records.read() as connection:
        job = jobs.of_resource(connection, arn)
    assert job is not None
    return job
