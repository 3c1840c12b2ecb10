from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.api.conftest import ACCOUNT, Api

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise
from lensmith.api.request import ApiRequest, ClientConnection
from lensmith.config import Settings
from lensmith.domain.caller import Caller
from lensmith.domain.policy.document import Policy
from lensmith.domain.policy.identity import Identity, PrincipalType
from lensmith.domain.policy.rights import Rights
from lensmith.operations.call import Permission
from lensmith.store.records import accounts, principals
from lensmith.store.records.principals import PrincipalKind
from lensmith.wire.sigv4 import SignedRequest


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


class Unfindable(Mapping[str, tuple[str, ...]]):
    """Condition keys, of which one is gone when it is read."""

    def __getitem__(self, key: str) -> tuple[str, ...]:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        yield "aws:resourcetag/stage"

    def __len__(self) -> int:
        return 1


def test_condition_keys_that_are_not_found_allow_nothing(tmp_path: Path) -> None:
    """Taken for absent, they would keep a Deny from counting."""
    arn = f"arn:aws:iam::{ACCOUNT}:user/ada"
    condition = {"StringEquals": {"aws:ResourceTag/stage": "live"}}
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    policies = (Policy.parse(allow("rekognition:*")), Policy.parse({"Statement": deny}))
    rights = Rights(Identity(PrincipalType.USER, ACCOUNT, arn), policies)
    principal = Principal(Caller(ACCOUNT, arn, "AKIA"), rights, "us-east-1")
    http = SignedRequest("POST", "/", "", [], b"")
    request = ApiRequest("1", http, "127.0.0.1", False, 0.0, ClientConnection())
    permission = Permission("rekognition:DeleteProject", "*", {}, {}, context=Unfindable())
    with pytest.raises(RuntimeError, match="condition keys"):
        authorise(principal, [permission], request, Settings(tmp_path))
