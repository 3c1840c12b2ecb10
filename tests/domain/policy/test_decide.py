from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lensmith.domain.policy.decide import AccessRequest, Decision, Reason, decide
from lensmith.domain.policy.document import Policy, PolicyKind
from lensmith.domain.policy.identity import Identity, PrincipalType
from lensmith.domain.policy.request_context import request_context
from lensmith.domain.policy.rights import Rights

VERSION = "arn:aws:rekognition:us-east-1:111122223333:project/MyProject/version/MyVersion/1690"
PROJECT = "arn:aws:rekognition:us-east-1:111122223333:project/MyProject/1690"

GUIDE_EXAMPLE_A = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "rekognition:DescribeProjects", "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": [
                "rekognition:StopProjectVersion",
                "rekognition:StartProjectVersion",
                "rekognition:DetectCustomLabels",
                "rekognition:CreateProjectVersion",
            ],
            "Resource": "arn:aws:rekognition:*:*:project/MyProject/version/MyVersion/*",
        },
        {
            "Effect": "Allow",
            "Action": [
                "rekognition:CreateProject",
                "rekognition:DescribeProjectVersions",
                "rekognition:CreateProjectVersion",
            ],
            "Resource": "arn:aws:rekognition:*:*:project/MyProject/*",
        },
        {
            "Effect": "Deny",
            "Action": "rekognition:CreateProject",
            "Resource": "arn:aws:rekognition:*:*:project/SampleProject/*",
        },
    ],
}


def decided(policies: list[Any], request: AccessRequest) -> Decision:
    arn = "arn:aws:iam::111122223333:user/ada"
    user = Identity(PrincipalType.USER, "111122223333", arn)
    return decide(Rights(user, tuple(map(Policy.stored, policies))), request)


def allows(policy: Any, action: str, resource: str = "*", **context: tuple[str, ...]) -> bool:
    named = {key.replace("__", "/").replace("_", ":", 1): value for key, value in context.items()}
    return decided([policy], AccessRequest(f"rekognition:{action}", resource, named)).allowed


def statement(effect: str = "Allow", **members: Any) -> dict[str, Any]:
    members.setdefault("Action", "rekognition:*")
    if "NotResource" not in members:
        members.setdefault("Resource", "*")
    return {"Version": "2012-10-17", "Statement": {"Effect": effect, **members}}


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("DescribeProjects", "*", True),
        ("DetectCustomLabels", VERSION, True),
        ("DetectCustomLabels", VERSION.replace("MyVersion", "Other"), False),
        ("DeleteProject", PROJECT, False),
        ("CreateProject", PROJECT, True),
        ("CreateProject", PROJECT.replace("MyProject", "SampleProject"), False),
        ("DescribeProjectVersions", PROJECT, True),
        ("CreateProjectVersion", PROJECT, True),
    ],
)
def test_the_guides_example_works_as_written(action: str, resource: str, expected: bool) -> None:
    assert allows(GUIDE_EXAMPLE_A, action, resource) is expected


def test_nothing_is_allowed_without_a_policy() -> None:
    decision = decided([], AccessRequest("rekognition:DescribeProjects", "*", {}))
    assert not decision.allowed
    assert not decision.explicitly_denied


def test_a_deny_in_any_policy_wins() -> None:
    request = AccessRequest("rekognition:DeleteProject", PROJECT, {})
    decision = decided([statement(), statement("Deny", Action="*")], request)
    assert not decision.allowed
    assert decision.explicitly_denied


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (statement(Action="Rekognition:describe*"), True),
        (statement(Action="rekognition:DescribeProject?"), True),
        (statement(Action="s3:*"), False),
        ({"Statement": {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}}, True),
        ({"Statement": {"Effect": "Allow", "NotAction": "*:Describe*", "Resource": "*"}}, False),
        (statement(Resource="arn:aws:rekognition:*:project/MyProject*"), True),
        (statement(Resource=["arn:aws:s3:::*", PROJECT]), True),
        (statement(Resource=PROJECT[:-1]), False),
        (statement(Resource=PROJECT.lower()), False),
        (statement(NotResource=PROJECT), False),
        (statement(NotResource="arn:aws:rekognition:*:project/Other/*"), True),
        (statement(Resource="arn:*:project/${aws:username}/*"), True),
        (statement(Resource="arn:*:project/${aws:userid}/*"), False),
        (statement(NotResource="arn:*:project/${aws:userid}/*"), False),
        (statement(Resource="arn:*:project/My${?}roject/*"), False),
    ],
)
def test_actions_and_resources(policy: Any, expected: bool) -> None:
    assert allows(policy, "DescribeProjects", PROJECT, aws_username=("MyProject",)) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:ResourceTag/team": "vision"}}, True),
        ({"StringEquals": {"AWS:resourcetag/Team": ["audio", "vision"]}}, True),
        ({"StringEquals": {"aws:ResourceTag/team": "vis*"}}, False),
        ({"StringLike": {"aws:ResourceTag/team": "vis*"}}, True),
        ({"StringNotLike": {"aws:ResourceTag/team": "vis*"}}, False),
        ({"StringEquals": {"aws:ResourceTag/team": "Vision"}}, False),
        ({"StringEqualsIgnoreCase": {"aws:ResourceTag/team": "VISION"}}, True),
        ({"StringNotEqualsIgnoreCase": {"aws:ResourceTag/team": "VISION"}}, False),
        ({"StringNotEquals": {"aws:ResourceTag/team": ["audio", "vision"]}}, False),
        ({"StringNotEquals": {"aws:ResourceTag/team": "audio"}}, True),
        ({"StringEquals": {"aws:ResourceTag/absent": "x"}}, False),
        ({"StringEqualsIfExists": {"aws:ResourceTag/absent": "x"}}, True),
        ({"StringNotEquals": {"aws:ResourceTag/absent": "x"}}, True),
        ({"Null": {"aws:ResourceTag/absent": "true"}}, True),
        ({"Null": {"aws:ResourceTag/team": True}}, False),
        ({"Null": {"aws:ResourceTag/team": "false"}}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost", "stage"]}}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}, False),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}}, True),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["stage"]}}, False),
        ({"ForAllValues:StringNotEquals": {"aws:TagKeys": ["stage"]}}, True),
        ({"ForAllValues:StringNotEquals": {"aws:TagKeys": ["team"]}}, False),
        ({"ForAllValues:StringEquals": {"aws:SourceVpc": ["x"]}}, True),
        ({"ForAnyValue:StringEquals": {"aws:SourceVpc": ["x"]}}, False),
        ({"Bool": {"aws:SecureTransport": False}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/${aws:username}"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam:*:user/ada:x"}}, False),
        ({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "127.0.0.0/8"]}}, True),
        ({"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, False),
        ({"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}, True),
        ({"DateGreaterThan": {"aws:CurrentTime": "2030-01-01"}}, False),
        (
            {
                "StringEquals": {"aws:ResourceTag/team": "vision", "aws:RequestTag/cost": "7"},
                "Bool": {"aws:SecureTransport": "false"},
            },
            True,
        ),
    ],
)
def test_conditions(condition: dict[str, Any], expected: bool) -> None:
    context = {
        "aws:resourcetag/team": ("vision",),
        "aws:requesttag/cost": ("7",),
        "aws:tagkeys": ("team", "cost"),
        "aws:securetransport": ("false",),
        "aws:principalarn": ("arn:aws:iam::111122223333:user/ada",),
        "aws:username": ("ada",),
        "aws:sourceip": ("127.0.0.1",),
        "aws:currenttime": ("2026-11-23T04:00:00+00:00",),
    }
    request = AccessRequest("rekognition:TagResource", PROJECT, context)
    assert decided([statement(Condition=condition)], request).allowed is expected
    denial = statement("Deny", Condition=condition)
    assert decided([statement(), denial], request).allowed is not expected


@pytest.mark.parametrize(
    "condition",
    [
        {"NumericEquals": {"aws:ResourceTag/team": "one"}},
        {"ForSomeValues:StringEquals": {"aws:ResourceTag/team": "1"}},
        {"IpAddress": {"aws:ResourceTag/team": "no address"}},
        {"NotIpAddress": {"aws:ResourceTag/team": "no address"}},
        {"StringNotEquals": {"aws:ResourceTag/team": "${aws:absent}"}},
        {"DateLessThan": {"aws:ResourceTag/team": "9" * 40}},
    ],
)
def test_a_condition_that_cannot_be_evaluated_never_helps_the_caller(
    condition: dict[str, Any],
) -> None:
    context = {"aws:resourcetag/team": ("1",)}
    request = AccessRequest("rekognition:TagResource", PROJECT, context)
    assert not decided([statement(Condition=condition)], request).allowed
    denial = statement("Deny", Condition=condition)
    assert not decided([statement(), denial], request).allowed


@pytest.mark.parametrize(
    "policy",
    [
        None,
        {},
        {"Statement": ["x"]},
        {"Statement": {"Effect": "Allow", "Action": "*"}},
        {"Statement": {"Effect": "allow", "Action": "*", "Resource": "*"}},
        {"Statement": {"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"}},
        {"Statement": {"Effect": "Allow", "Action": 1, "Resource": "*"}},
        {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": []}},
        {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}},
        statement(Condition={"StringEquals": "x"}),
        statement(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:*:user/ada"}}),
        statement(Condition={"StringEquals": {"aws:username": [["x"]]}}),
    ],
)
def test_a_malformed_policy_refuses_everything(policy: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Policy.parse(policy)
    request = AccessRequest("rekognition:DescribeProjects", "*", {})
    assert decided([statement(), policy], request).explicitly_denied


def test_many_wildcards_take_no_exponential_time() -> None:
    policy = statement(Resource="arn:" + "a*" * 200 + "b")
    assert not allows(policy, "DescribeProjects", "arn:" + "a" * 2000)


SESSION = "arn:aws:sts::111122223333:assumed-role/labeller/monday"
ROLE = "arn:aws:iam::111122223333:role/labeller"


def role_session(*, boundary: Any = None, session: Any = None, policies: Any = ()) -> Rights:
    identity = Identity(PrincipalType.ASSUMED_ROLE, "111122223333", SESSION, role_arn=ROLE)
    return Rights(
        identity,
        tuple(map(Policy.stored, policies)),
        None if boundary is None else Policy.stored(boundary),
        () if session is None else (Policy.stored(session),),
    )


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, True),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, False),
        ({"IpAddress": {"aws:SourceIp": "::/0"}}, True),
        ({"DateGreaterThan": {"aws:EpochTime": "2026-01-01T00:00:00Z"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "1790000000"}}, True),
        ({"NumericGreaterThanEquals": {"s3:max-keys": "100"}}, True),
        ({"NumericLessThan": {"s3:max-keys": 99.5}}, False),
        ({"BinaryEquals": {"key": "QmluYXJ5"}}, True),
        ({"BinaryEquals": {"key": "YmluYXJ5"}}, False),
        ({"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/none, 'vision'}"}}, True),
    ],
)
def test_comparisons(condition: dict[str, Any], expected: bool) -> None:
    context = {
        "aws:sourceip": ("2001:db8::7",),
        "aws:epochtime": ("1790000000",),
        "aws:currenttime": ("2024-02-29T12:00:00+00:00",),
        "s3:max-keys": ("100.0",),
        "key": ("QmluYXJ5",),
        "aws:principaltag/team": ("vision",),
    }
    request = AccessRequest("rekognition:TagResource", PROJECT, context)
    assert decided([statement(Condition=condition)], request).allowed is expected


def test_policies_of_2008_have_no_variables() -> None:
    denial = {**statement("Deny", Resource="arn:*:project/${aws:username}/*")}
    context = {"aws:username": ("MyProject",)}
    request = AccessRequest("rekognition:DeleteProject", PROJECT, context)
    assert decided([statement(), denial], request).explicitly_denied
    assert decided([statement(), {**denial, "Version": "2008-10-17"}], request).allowed


@pytest.mark.parametrize(
    ("principal", "owner", "expected"),
    [
        ("*", "111122223333", Reason.ALLOWED_BY_RESOURCE),
        ({"AWS": SESSION}, "111122223333", Reason.ALLOWED_BY_RESOURCE),
        ({"AWS": ROLE}, "111122223333", Reason.ALLOWED_BY_RESOURCE),
        ({"AWS": "111122223333"}, "111122223333", Reason.NO_IDENTITY_ALLOW),
        ({"AWS": SESSION}, "444455556666", Reason.NO_IDENTITY_ALLOW),
        ({"AWS": "arn:aws:iam::111122223333:user/bob"}, "444455556666", Reason.NO_RESOURCE_ALLOW),
    ],
)
def test_policies_of_resources(principal: Any, owner: str, expected: Reason) -> None:
    policy = Policy.parse(statement(Principal=principal), PolicyKind.RESOURCE)
    request = AccessRequest("rekognition:DetectCustomLabels", VERSION, {}, owner)
    assert decide(role_session(), request, [policy]).reason is expected


def test_another_account_needs_an_allow_on_both_sides() -> None:
    policy = Policy.parse(statement(Principal={"AWS": "111122223333"}), PolicyKind.RESOURCE)
    request = AccessRequest("rekognition:DetectCustomLabels", VERSION, {}, "444455556666")
    allowing = role_session(policies=[statement()])
    assert decide(allowing, request, [policy]).allowed
    assert decide(allowing, request).reason is Reason.NO_RESOURCE_ALLOW
    narrow = role_session(policies=[statement()], boundary=statement(Action="s3:*"))
    assert decide(narrow, request, [policy]).reason is Reason.NO_BOUNDARY_ALLOW


def test_boundary_and_session_policies_only_take_away() -> None:
    request = AccessRequest("rekognition:DetectCustomLabels", VERSION, {})
    everything, other = statement(), statement(Action="s3:*")
    reasons = [
        decide(rights, request).reason
        for rights in (
            role_session(boundary=everything, session=everything),
            role_session(policies=[everything], boundary=everything, session=everything),
            role_session(policies=[everything], boundary=other),
            role_session(policies=[everything], session=other),
            role_session(policies=[everything], session={"Statement": "broken"}),
        )
    ]
    assert reasons == [
        Reason.NO_IDENTITY_ALLOW,
        Reason.ALLOWED_BY_IDENTITY,
        Reason.NO_BOUNDARY_ALLOW,
        Reason.NO_SESSION_ALLOW,
        Reason.MALFORMED_POLICY,
    ]


def test_anonymous_callers_need_a_policy_for_everybody() -> None:
    request = AccessRequest("s3:GetObject", "arn:aws:s3:::b/k", {}, "111122223333")
    policies = [
        Policy.parse(statement(Action="s3:GetObject", Principal=principal), PolicyKind.RESOURCE)
        for principal in ("*", {"AWS": "111122223333"})
    ]
    assert decide(Rights.anonymous(), request, policies[:1]).allowed
    assert not decide(Rights.anonymous(), request, policies[1:]).allowed
    assert not decide(Rights.anonymous(), request).allowed


@pytest.mark.parametrize(
    "denial",
    [
        {"Condition": {"StringEquals": {"aws:username": "ada"}}},
        {"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"}}},
        {"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/b*"}}},
        {"Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}},
        {"Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
        {"Condition": {"IpAddressIfExists": {"aws:SourceIp": "10.0.0.0/8"}}},
        {"Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}},
        {"Condition": {"StringEquals": {"s3:ExistingObjectTag/class": "secret"}}},
        {"Action": "S3:gETobject"},
        {"Resource": "arn:aws:s3:::photos/${aws:username}/*"},
    ],
)
def test_denials_that_the_store_let_through(denial: dict[str, Any]) -> None:
    user = Identity(PrincipalType.USER, "111122223333", "arn:aws:iam::111122223333:user/ada")
    context = request_context(
        user,
        region="us-east-1",
        now=datetime(2026, 11, 30, tzinfo=UTC),
        is_secure=False,
        source_ip="10.1.2.3",
    )
    context["s3:existingobjecttag/class"] = ("secret",)
    request = AccessRequest("s3:GetObject", "arn:aws:s3:::photos/ada/a.jpg", context)
    policies = [statement(Action="s3:*"), statement("Deny", **{"Action": "s3:*", **denial})]
    assert decided(policies[:1], request).allowed
    assert decided(policies, request).reason is Reason.DENIED_BY_IDENTITY


def test_the_keys_of_a_request_and_its_principal() -> None:
    session = Identity(
        PrincipalType.ASSUMED_ROLE,
        "111122223333",
        SESSION,
        user_id="AROA:monday",
        role_arn=ROLE,
        tags={"Team": "vision", "team": "audio"},
        issued_ms=1_790_000_000_000,
    )
    context = request_context(
        session,
        region="us-west-2",
        now=datetime(2026, 11, 30, 1, tzinfo=UTC),
        is_secure=True,
        user_agent="Boto3/1.44",
        resource_account="444455556666",
    )
    assert context == {
        "aws:principaltype": ("AssumedRole",),
        "aws:userid": ("AROA:monday",),
        "aws:viaawsservice": ("false",),
        "aws:principalarn": (ROLE,),
        "aws:principalaccount": ("111122223333",),
        "aws:principalisawsservice": ("false",),
        "aws:tokenissuetime": ("2026-09-21T14:13:20+00:00",),
        "aws:multifactorauthpresent": ("false",),
        "aws:principaltag/team": ("vision", "audio"),
        "aws:requestedregion": ("us-west-2",),
        "aws:currenttime": ("2026-11-30T01:00:00+00:00",),
        "aws:epochtime": ("1796000400",),
        "aws:securetransport": ("true",),
        "aws:useragent": ("Boto3/1.44",),
        "aws:resourceaccount": ("444455556666",),
    }
    assert "aws:tokenissuetime" not in Rights.anonymous().identity.context()
    root = Identity(PrincipalType.ACCOUNT, "111122223333", "arn:aws:iam::111122223333:root")
    assert decide(Rights(root), AccessRequest("s3:GetObject", "*", {})).allowed


@pytest.mark.parametrize("value", ["*", "?????", "oth*", "${aws:userid}", "${*}", "../other", ""])
@pytest.mark.parametrize("element", ["Resource", "NotResource", "Condition"])
def test_wildcards_in_the_value_of_a_variable_stand_for_themselves(
    value: str, element: str
) -> None:
    text = "arn:aws:s3:::b/${aws:PrincipalTag/team}/k"
    context = {"aws:principaltag/team": (value,), "aws:userid": ("other",), "s3:prefix": ("other",)}
    given: dict[str, Any] = {element: text}
    if element == "Condition":
        given = {element: {"StringLike": {"s3:prefix": "${aws:PrincipalTag/team}"}}}
    policy = statement(Action="s3:*", **given)
    asked = AccessRequest("s3:GetObject", "arn:aws:s3:::b/other/k", context)
    assert decided([policy], asked).allowed is (element == "NotResource")
