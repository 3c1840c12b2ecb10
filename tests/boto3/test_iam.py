"""IAM through boto3: what it changes counts from the next call."""

from __future__ import annotations

import json
from functools import partial

import pytest
from tests.boto3.identities import Account, account, allow, code_of, may_list, trust
from tests.support.live_server import LiveServer

__all__ = ["account"]
LIST = "rekognition:DescribeProjects"
FULL = "arn:aws:iam::aws:policy/AmazonRekognitionCustomLabelsFullAccess"


def test_a_user_is_made_shown_changed_and_deleted(account: Account) -> None:
    iam = account.iam
    made = iam.create_user(UserName="ada", Path="/labs/", Tags=[{"Key": "team", "Value": "x"}])
    assert made["User"]["Arn"] == f"arn:aws:iam::{account.account_id}:user/labs/ada"
    assert made["User"]["UserId"].startswith("AIDA")
    assert code_of(lambda: iam.create_user(UserName="ADA")) == "EntityAlreadyExists"
    iam.update_user(UserName="ada", NewUserName="eve")
    assert code_of(lambda: iam.get_user(UserName="ada")) == "NoSuchEntity"
    iam.tag_user(UserName="eve", Tags=[{"Key": "stage", "Value": "y"}])
    iam.untag_user(UserName="eve", TagKeys=["team"])
    assert iam.list_user_tags(UserName="eve")["Tags"] == [{"Key": "stage", "Value": "y"}]
    fifty = [{"Key": f"key-{n}", "Value": "x"} for n in range(50)]
    assert code_of(lambda: iam.tag_user(UserName="eve", Tags=fifty)) == "LimitExceeded"
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["eve", "root-admin"]
    first = iam.list_users(MaxItems=1)
    assert (first["IsTruncated"], first["Marker"]) == (True, "1")
    assert len(iam.get_paginator("list_users").paginate().build_full_result()["Users"]) == 2
    keys = [iam.create_access_key(UserName="eve")["AccessKey"] for _ in range(2)]
    assert code_of(lambda: iam.create_access_key(UserName="eve")) == "LimitExceeded"
    assert code_of(lambda: iam.delete_user(UserName="eve")) == "DeleteConflict"
    for key in keys:
        iam.delete_access_key(UserName="eve", AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName="eve")
    assert code_of(lambda: iam.delete_user(UserName="eve")) == "NoSuchEntity"
    assert iam.get_user()["User"]["UserName"] == "root-admin"


def test_a_leaked_key_is_disabled_and_deleted_at_once(account: Account) -> None:
    session = account.user("ada", allow(LIST))
    (key,) = account.iam.list_access_keys(UserName="ada")["AccessKeyMetadata"]
    assert (may_list(account, session), key["Status"]) == (True, "Active")
    for status, expected in (("Inactive", False), ("Active", True)):
        account.iam.update_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"], Status=status)
        assert may_list(account, session) is expected
    account.iam.delete_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"])
    assert not may_list(account, session)
    identity = account.client("sts", session).get_caller_identity
    assert code_of(identity) == "InvalidClientTokenId"


def test_policies_count_from_the_next_call_wherever_they_come_from(account: Account) -> None:
    iam, session = account.iam, account.user("ada")
    assert not may_list(account, session)
    iam.attach_user_policy(UserName="ada", PolicyArn=FULL)
    assert may_list(account, session)
    attached = iam.list_attached_user_policies(UserName="ada")["AttachedPolicies"]
    assert attached == [{"PolicyName": FULL.rpartition("/")[2], "PolicyArn": FULL}]
    iam.detach_user_policy(UserName="ada", PolicyArn=FULL)
    assert not may_list(account, session)
    iam.create_group(GroupName="team")
    iam.put_group_policy(GroupName="team", PolicyName="p", PolicyDocument=allow(LIST))
    iam.add_user_to_group(GroupName="team", UserName="ada")
    assert may_list(account, session)
    assert [user["UserName"] for user in iam.get_group(GroupName="team")["Users"]] == ["ada"]
    assert code_of(lambda: iam.delete_group(GroupName="team")) == "DeleteConflict"
    boundary = iam.create_policy(PolicyName="edge", PolicyDocument=allow("s3:*"))["Policy"]
    iam.put_user_permissions_boundary(UserName="ada", PermissionsBoundary=boundary["Arn"])
    assert not may_list(account, session)
    version = iam.create_policy_version(
        PolicyArn=boundary["Arn"], PolicyDocument=allow(LIST), SetAsDefault=True
    )["PolicyVersion"]
    assert (version["VersionId"], may_list(account, session)) == ("v2", True)
    iam.set_default_policy_version(PolicyArn=boundary["Arn"], VersionId="v1")
    assert not may_list(account, session)
    iam.delete_policy_version(PolicyArn=boundary["Arn"], VersionId="v2")
    delete = lambda: iam.delete_policy(PolicyArn=boundary["Arn"])  # noqa: E731
    assert code_of(delete) == "DeleteConflict"
    used = iam.get_policy(PolicyArn=boundary["Arn"])["Policy"]
    assert used["PermissionsBoundaryUsageCount"] == 1
    iam.delete_user_permissions_boundary(UserName="ada")
    assert code_of(delete) is None
    assert may_list(account, session)
    iam.remove_user_from_group(GroupName="team", UserName="ada")
    assert not may_list(account, session)


def test_managed_policies_have_versions_and_entities(account: Account) -> None:
    iam = account.iam
    policy = iam.create_policy(
        PolicyName="see", PolicyDocument=allow(LIST), Tags=[{"Key": "a", "Value": "b"}]
    )["Policy"]
    arn = policy["Arn"]
    assert arn == f"arn:aws:iam::{account.account_id}:policy/see"
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=allow("s3:*"))
    document = allow("s3:*")
    full = code_of(lambda: iam.create_policy_version(PolicyArn=arn, PolicyDocument=document))
    assert full == "LimitExceeded"
    kept = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    for absent in ("v7", "v" + "9" * 5000, "x" * 70_000):
        get = partial(iam.get_policy_version, PolicyArn=arn, VersionId=absent)
        assert code_of(get) == "NoSuchEntity"
    assert (kept["Document"], kept["IsDefaultVersion"]) == (json.loads(allow(LIST)), True)
    account.user("ada")
    iam.attach_user_policy(UserName="ada", PolicyArn=arn)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    entities = iam.list_entities_for_policy(PolicyArn=arn)
    assert [user["UserName"] for user in entities["PolicyUsers"]] == ["ada"]
    assert code_of(lambda: iam.delete_policy(PolicyArn=arn)) == "DeleteConflict"
    local = iam.list_policies(Scope="Local")["Policies"]
    assert [each["PolicyName"] for each in local] == ["see"]
    names = {each["PolicyName"] for each in iam.list_policies(Scope="AWS")["Policies"]}
    assert {"AmazonRekognitionFullAccess", "AmazonS3ReadOnlyAccess"} < names
    assert code_of(lambda: iam.delete_policy(PolicyArn=FULL)) == "InvalidInput"


@pytest.mark.parametrize(
    "document",
    [
        "{",
        json.dumps({"Statement": []}),
        allow(LIST, Condition={"NumericEquals": {"s3:max-keys": "ten"}}),
        allow(LIST, Condition={"StringLikes": {"aws:username": "a"}}),
        allow("DescribeProjects"),
        allow(LIST, resource="project/x"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_when_it_is_written(
    account: Account, document: str
) -> None:
    account.user("ada")
    for write in (
        lambda: account.iam.put_user_policy(
            UserName="ada", PolicyName="p", PolicyDocument=document
        ),
        lambda: account.iam.create_policy(PolicyName="p", PolicyDocument=document),
        lambda: account.iam.create_role(RoleName="p", AssumeRolePolicyDocument=document),
    ):
        assert code_of(write) == "MalformedPolicyDocument"


def test_a_policy_that_takes_long_to_match_is_refused(account: Account) -> None:
    account.user("ada")
    long = allow(LIST, resource="arn:aws:s3:::" + "a*" * 6000)
    put = code_of(
        lambda: account.iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=long)
    )
    assert put == "LimitExceeded"


def test_iam_is_allowed_by_policies_too(account: Account) -> None:
    own = "arn:aws:iam::*:user/${aws:username}"
    session = account.user("ada", allow("iam:GetUser", "iam:CreateAccessKey", resource=own))
    account.user("bob")
    iam = account.client("iam", session)
    assert iam.get_user()["User"]["UserName"] == "ada"
    assert iam.create_access_key(UserName="ada")["AccessKey"]["UserName"] == "ada"
    assert code_of(lambda: iam.get_user(UserName="bob")) == "AccessDenied"
    assert code_of(lambda: iam.create_access_key(UserName="bob")) == "AccessDenied"
    assert code_of(iam.list_users) == "AccessDenied"


def test_accounts_see_nothing_of_each_other(
    account: Account, server: LiveServer, live_records: object
) -> None:
    other = Account(server, live_records)  # type: ignore[arg-type]
    account.user("ada")
    policy = account.iam.create_policy(PolicyName="see", PolicyDocument=allow(LIST))["Policy"]
    assert code_of(lambda: other.iam.get_user(UserName="ada")) == "NoSuchEntity"
    assert code_of(lambda: other.iam.get_policy(PolicyArn=policy["Arn"])) == "NoSuchEntity"
    other.user("eve")
    attach = lambda: other.iam.attach_user_policy(UserName="eve", PolicyArn=policy["Arn"])  # noqa: E731
    assert code_of(attach) == "NoSuchEntity"
    bind = partial(other.iam.put_user_permissions_boundary, UserName="eve")
    assert code_of(lambda: bind(PermissionsBoundary=policy["Arn"])) == "NoSuchEntity"
    summary = other.iam.get_account_summary()["SummaryMap"]
    assert (summary["Users"], summary["Policies"]) == (2, 0)


def test_a_policy_is_simulated_as_it_decides(account: Account) -> None:
    account.user("ada", allow(LIST, "s3:GetObject", resource="arn:aws:s3:::photos/*"))
    arn = account.iam.get_user(UserName="ada")["User"]["Arn"]
    answer = account.iam.simulate_principal_policy(
        PolicySourceArn=arn,
        ActionNames=["s3:GetObject", "s3:PutObject"],
        ResourceArns=["arn:aws:s3:::photos/a", "arn:aws:s3:::logs/a"],
        PolicyInputList=[
            json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": {"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"},
                }
            )
        ],
    )
    decisions = [each["EvalDecision"] for each in answer["EvaluationResults"]]
    assert decisions == ["allowed", "implicitDeny", "explicitDeny", "explicitDeny"]


def test_roles_are_made_shown_changed_and_deleted(account: Account) -> None:
    iam = account.iam
    document = trust({"AWS": account.account_id})
    role = iam.create_role(
        RoleName="labeller", AssumeRolePolicyDocument=document, MaxSessionDuration=7200
    )["Role"]
    assert role["RoleId"].startswith("AROA")
    assert role["AssumeRolePolicyDocument"] == json.loads(document)
    iam.update_role(RoleName="labeller", Description="labels", MaxSessionDuration=43200)
    shown = iam.get_role(RoleName="labeller")["Role"]
    assert (shown["Description"], shown["MaxSessionDuration"]) == ("labels", 43200)
    iam.put_role_policy(RoleName="labeller", PolicyName="p", PolicyDocument=allow(LIST))
    assert iam.list_role_policies(RoleName="labeller")["PolicyNames"] == ["p"]
    kept = iam.get_role_policy(RoleName="labeller", PolicyName="p")
    assert kept["PolicyDocument"] == json.loads(allow(LIST))
    assert code_of(lambda: iam.delete_role(RoleName="labeller")) == "DeleteConflict"
    iam.delete_role_policy(RoleName="labeller", PolicyName="p")
    iam.delete_role(RoleName="labeller")
    assert iam.list_roles()["Roles"] == []


def test_a_new_name_needs_the_right_too(account: Account) -> None:
    iam, users = account.iam, f"arn:aws:iam::{account.account_id}:user"
    iam.create_user(UserName="temp-ada", Path="/labs/")
    iam.create_group(GroupName="temp-team")
    groups = f"arn:aws:iam::{account.account_id}:group/temp-*"
    action = ("iam:UpdateUser", "iam:UpdateGroup")
    limited = account.user("bob", allow(*action, resource=[f"{users}/labs/temp-*", groups]))
    client = account.client("iam", limited)

    def rename(**given: str) -> str | None:
        return code_of(lambda: client.update_user(UserName="temp-ada", **given))

    assert rename(NewUserName="admin") == "AccessDenied"
    assert rename(NewPath="/") == "AccessDenied"
    assert rename(NewUserName="temp-eve") is None
    assert rename(NewUserName="temp-eve") in ("AccessDenied", "NoSuchEntity")
    group = partial(client.update_group, GroupName="temp-team")
    assert code_of(lambda: group(NewGroupName="admins")) == "AccessDenied"
    assert code_of(lambda: group(NewGroupName="temp-other")) is None


def test_openid_connect_providers(account: Account) -> None:
    iam = account.iam
    url, tags = "https://id.example/realms/factory", [{"Key": "team", "Value": "x"}]
    made = iam.create_open_id_connect_provider(
        Url=url, ClientIDList=["robots"], ThumbprintList=["AB" * 20], Tags=tags
    )
    arn = f"arn:aws:iam::{account.account_id}:oidc-provider/id.example/realms/factory"
    assert (made["OpenIDConnectProviderArn"], made["Tags"]) == (arn, tags)
    named = {"OpenIDConnectProviderArn": arn}
    again = lambda: iam.create_open_id_connect_provider(Url=url)  # noqa: E731
    assert code_of(again) == "EntityAlreadyExists"
    for client_id in ("robots", "people"):
        iam.add_client_id_to_open_id_connect_provider(**named, ClientID=client_id)
    iam.remove_client_id_from_open_id_connect_provider(**named, ClientID="robots")
    iam.remove_client_id_from_open_id_connect_provider(**named, ClientID="never there")
    iam.update_open_id_connect_provider_thumbprint(**named, ThumbprintList=["cd" * 20])
    iam.tag_open_id_connect_provider(**named, Tags=[{"Key": "stage", "Value": "y"}])
    iam.untag_open_id_connect_provider(**named, TagKeys=["team"])
    found = iam.get_open_id_connect_provider(**named)
    assert found["Url"] == "id.example/realms/factory"
    assert (found["ClientIDList"], found["ThumbprintList"]) == (["people"], ["cd" * 20])
    assert found["Tags"] == iam.list_open_id_connect_provider_tags(**named)["Tags"]
    assert found["Tags"] == [{"Key": "stage", "Value": "y"}]
    listed = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert listed == [{"Arn": arn}]
    assert iam.get_account_summary()["SummaryMap"]["Providers"] == 1
    condition = {"StringEquals": {"aws:ResourceTag/stage": "y"}}
    action = "iam:GetOpenIDConnectProvider"
    may_see = account.user("ada", allow(action, resource=arn, Condition=condition))
    see = account.client("iam", may_see)
    assert see.get_open_id_connect_provider(**named)["ClientIDList"] == ["people"]
    assert code_of(see.list_open_id_connect_providers) == "AccessDenied"
    assert code_of(lambda: see.delete_open_id_connect_provider(**named)) == "AccessDenied"
    iam.delete_open_id_connect_provider(**named)
    assert code_of(lambda: iam.get_open_id_connect_provider(**named)) == "NoSuchEntity"


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example",
        "https://",
        "https://id.example/?a=b",
        "https://a@id.example",
        "https://id.example:0",
        "https://id.example:99999",
        "https://id.example/#a",
        "https://id.example/ a",
        "ftp://id.example",
    ],
)
def test_a_provider_has_the_address_of_an_issuer(account: Account, url: str) -> None:
    make = account.iam.create_open_id_connect_provider
    assert code_of(lambda: make(Url=url)) == "InvalidInput"


def test_a_provider_has_limits(account: Account) -> None:
    make = account.iam.create_open_id_connect_provider
    url, many = "https://id.example", [f"client {number}" for number in range(101)]
    assert code_of(lambda: make(Url=url, ClientIDList=many)) == "LimitExceeded"
    prints = [f"{number:040x}" for number in range(6)]
    assert code_of(lambda: make(Url=url, ThumbprintList=prints)) == "LimitExceeded"
    assert code_of(lambda: make(Url=url, ThumbprintList=["z" * 40])) == "InvalidInput"
