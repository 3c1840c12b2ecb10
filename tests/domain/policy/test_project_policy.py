"""The grammar of project policies, rows P8 to P17 of copying.md."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lensmith.domain.arn import ProjectArn
from lensmith.domain.policy.document import Effect
from lensmith.domain.policy.project_policy import parse_project_policy, stored_project_policy

ACCOUNT = "123456789012"
PROJECT = ProjectArn("us-east-1", ACCOUNT, "parts", 1690474772815)
PREFIX = f"arn:aws:rekognition:us-east-1:{ACCOUNT}:project/parts/version/"
COPY = "rekognition:CopyProjectVersion"


def statement(**members: Any) -> dict[str, Any]:
    """A statement that may be written; a member given as None is left out."""
    usual = {
        "Effect": "Allow",
        "Principal": {"AWS": "111122223333"},
        "Action": COPY,
        "Resource": f"{PREFIX}v1/1690556751958",
    }
    return {name: value for name, value in (usual | members).items() if value is not None}


def policy(*statements: Any, **members: Any) -> str:
    usual: dict[str, Any] = {"Version": "2012-10-17", "Statement": list(statements)}
    return json.dumps({k: v for k, v in (usual | members).items() if v is not None})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("{", "JSON", id="P8 not JSON"),
        pytest.param("[" * 1999, "nested|JSON", id="P8 nested"),
        pytest.param('{"Version": NaN}', "NaN", id="P8 a constant that JSON lacks"),
        pytest.param("[]", "object", id="P8 an array"),
        pytest.param(
            policy(statement()).replace('"Effect"', '"Effect": "Deny", "Effect"'),
            "Effect",
            id="P8 a member twice",
        ),
        pytest.param(policy(statement(), Version=None), "Version", id="P8 no Version"),
        pytest.param(policy(statement(), Version="2008-10-17"), "Version", id="P8 old Version"),
        pytest.param(policy(statement(), Id=7), "Id", id="P8 Id"),
        pytest.param(policy(Statement=None), "Statement", id="P8 no Statement"),
        pytest.param(policy(), "Statement", id="P8 empty Statement"),
        pytest.param(policy("Allow"), "Statement", id="P8 a Statement that is a word"),
        pytest.param(policy(statement(), Purpose="x"), "Purpose", id="P8 unknown member"),
        pytest.param(policy(statement(Purpose="x")), "Purpose", id="P8 of a statement"),
        pytest.param(policy(statement(Sid=[])), "Sid", id="P8 Sid"),
        pytest.param(policy(statement(Effect=None)), "Effect", id="P9 no Effect"),
        pytest.param(policy(statement(Effect="Permit")), "Effect", id="P9 Permit"),
        pytest.param(policy(statement(Effect=["Allow"])), "Effect", id="P9 a list"),
        *(
            pytest.param(policy(statement(Action=given)), "Action", id=f"P10 {given}")
            for given in (
                "*",
                "rekognition:*",
                "rekognition:Copy*",
                [COPY, "rekognition:DetectCustomLabels"],
                [COPY, COPY],
                [],
                [7],
                "rekognition:DetectCustomLabels",
                None,
            )
        ),
        *(
            pytest.param(
                policy(statement(**{name: "*"})), f"{name} is prohibited", id=f"P12 {name}"
            )
            for name in ("NotAction", "NotResource", "NotPrincipal")
        ),
        *(
            pytest.param(policy(statement(Principal=given)), named, id=f"P13 {given}")
            for given, named in (
                (None, "Principal"),
                ({"Service": "rekognition.amazonaws.com"}, "Principal"),
                ({"Federated": "cognito-identity.amazonaws.com"}, "Principal"),
                ({"AWS": ACCOUNT, "Service": "s3.amazonaws.com"}, "Principal"),
                ({"AWS": "bob"}, "bob"),
                ({"AWS": []}, "Principal"),
                ({"AWS": "arn:aws:iam::111122223333:user/*"}, "user/"),
                ("bob", "Principal"),
                ([], "Principal"),
            )
        ),
        *(
            pytest.param(
                policy(statement(Resource=given)),
                f"Resource must be \\* or begin with {PREFIX}",
                id=f"P16 {given}",
            )
            for given in (
                PREFIX.replace("parts", "others") + "v1/1",
                PREFIX.replace(ACCOUNT, "111111111111") + "v1/1",
                PREFIX.replace("us-east-1", "us-west-2") + "v1/1",
                PREFIX.replace("us-east-1", "*") + "v1/1",
                PREFIX.replace("parts/version", "parts/dataset") + "train/1",
                str(PROJECT),
                PREFIX,
                [f"{PREFIX}v1/1", str(PROJECT)],
                7,
            )
        ),
        pytest.param(policy(statement(Resource=None)), "Resource", id="P16 none"),
        pytest.param(policy(statement(Resource=[])), "Resource", id="P16 empty"),
        pytest.param(
            policy(statement(Condition={"StringResembles": {"aws:username": "a"}})),
            "StringResembles",
            id="P17 unknown operator",
        ),
        pytest.param(policy(statement(Condition=[])), "Condition", id="P17 a list"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_and_named(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        parse_project_policy(text, PROJECT)
    assert stored_project_policy(text, PROJECT).defect


@pytest.mark.parametrize(
    "given",
    [
        *({"Effect": effect} for effect in ("ALLOW", "DENY", "Allow", "Deny")),
        *({"Action": action} for action in (COPY.upper(), COPY.lower(), [COPY])),
        *(
            {"Principal": principal}
            for principal in (
                "*",
                {"AWS": "*"},
                {"AWS": ACCOUNT},
                {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                {"AWS": f"arn:aws:iam::{ACCOUNT}:user/made-up"},
                {"AWS": [f"arn:aws:iam::{ACCOUNT}:role/r", "111122223333"]},
                {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/r/session"},
            )
        ),
        *(
            {"Resource": resource}
            for resource in (
                "*",
                f"{PREFIX}*",
                f"{PREFIX}v*",
                [f"{PREFIX}v1/1690556751958", f"{PREFIX}v2/*"],
            )
        ),
        {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}, "Sid": "one"},
    ],
    ids=str,
)
def test_rows_p9_to_p17_that_are_accepted(given: dict[str, Any]) -> None:
    parsed = parse_project_policy(policy(statement(**given)), PROJECT)
    effect = str(given.get("Effect", "Allow")).lower()
    assert [each.effect.value.lower() for each in parsed.statements] == [effect]


def test_one_statement_needs_no_list() -> None:
    parsed = parse_project_policy(policy(Statement=statement(Effect="DENY"), Id="x"), PROJECT)
    assert [each.effect for each in parsed.statements] == [Effect.DENY]
