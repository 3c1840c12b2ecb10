from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.api.conftest import ACCOUNT, Api

from lensmith.store.records import accounts, principals
from lensmith.store.records.principals import PrincipalKind


def allow(*actions: str, **members: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*", **members}
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_a_policy_scopes_names_of_projects_to_create(api: Api) -> None:
    mine = "arn:aws:rekognition:*:*:project/mine-*/*"
    client = api.client(api.user("scoped", allow("rekognition:CreateProject", Resource=mine)))
    assert client.create_project(ProjectName="mine-1")["ProjectArn"]
    with pytest.raises(ClientError, match=r"CreateProject on resource: .*:project/other/"):
        client.create_project(ProjectName="other")


def test_tags_of_the_request_and_of_the_resource_are_conditions(api: Api) -> None:
    arn = api.client().create_project(ProjectName="tagged", Tags={"team": "vision"})["ProjectArn"]
    other = api.client().create_project(ProjectName="untagged")["ProjectArn"]
    condition = {
        "StringEquals": {"aws:ResourceTag/team": "vision"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["stage"]},
    }
    policy = allow("rekognition:TagResource", Condition=condition)
    client = api.client(api.user("tagger", policy))
    client.tag_resource(ResourceArn=arn, Tags={"stage": "test"})
    for resource, tags in [(other, {"stage": "test"}), (arn, {"stage": "test", "team": "x"})]:
        with pytest.raises(ClientError, match="AccessDenied"):
            client.tag_resource(ResourceArn=resource, Tags=tags)


def test_what_is_known_of_the_caller_and_the_connection(api: Api) -> None:
    condition = {
        "IpAddress": {"aws:SourceIp": "127.0.0.0/8"},
        "Bool": {"aws:SecureTransport": "false"},
        "StringEquals": {
            "aws:username": "known",
            "aws:PrincipalAccount": ACCOUNT,
            "aws:RequestedRegion": "us-east-1",
        },
        "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/known"},
        "DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"},
    }
    policy = allow("rekognition:DescribeProjects", Condition=condition)
    api.client(api.user("known", policy)).describe_projects()
    with pytest.raises(ClientError, match="AccessDenied"):
        api.client(api.user("unknown", policy)).describe_projects()


def test_the_root_of_an_account_needs_no_policy(api: Api) -> None:
    with api.records.write() as connection:
        root = principals.create(connection, ACCOUNT, PrincipalKind.ROOT, "root")
        key = accounts.create_access_key(connection, root.arn)
    assert api.client(key).describe_projects()["ResponseMetadata"]["HTTPStatusCode"] == 200
