"""Policies of a project, rows P1 to P7, P18, P19, L1 to L4 and X1 to X5 of copying.md."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from tests.operations.bench import CALLER, Bench

from lensmith.domain.errors import (
    InvalidPolicyRevisionIdException,
    MalformedPolicyDocumentException,
    ServiceQuotaExceededException,
    ValidationException,
)
from lensmith.domain.project import Project, ProjectStatus
from lensmith.store.records import projects
from lensmith.wire import service_model
from lensmith.wire.validate import validate

DOCUMENT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "ALLOW",
            "Principal": {"AWS": "111111111111"},
            "Action": "rekognition:CopyProjectVersion",
            "Resource": "*",
        },
    },
    indent=3,
)


def put(bench: Bench, project: Project, name: str = "shared", **more: Any) -> str:
    given = {"ProjectArn": project.arn, "PolicyName": name, "PolicyDocument": DOCUMENT, **more}
    return str(bench.ask("PutProjectPolicy", **given)["PolicyRevisionId"])


def refused(bench: Bench, project: Project, name: str = "shared", **more: Any) -> str:
    given = {"ProjectArn": project.arn, "PolicyName": name, "PolicyDocument": DOCUMENT, **more}
    return bench.refusal("PutProjectPolicy", **given)


def listed(bench: Bench, project: Project, **more: Any) -> list[dict[str, Any]]:
    answer = bench.ask("ListProjectPolicies", ProjectArn=project.arn, **more)
    found: list[dict[str, Any]] = answer["ProjectPolicies"]
    return found


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("PolicyName", ""),
        ("PolicyName", "n" * 129),
        ("PolicyName", "a b"),
        ("PolicyDocument", ""),
        ("PolicyDocument", "x" * 2001),
        ("PolicyDocument", "\u0100"),
        ("PolicyRevisionId", "a" * 65),
        ("PolicyRevisionId", "g"),
        ("ProjectArn", "arn:aws:rekognition:us-east-1:123456789012:project/parts"),
    ],
)
def test_p1_what_the_model_refuses(member: str, value: str) -> None:
    shape = service_model.input_shape("PutProjectPolicy")
    given = {
        "ProjectArn": "arn:aws:rekognition:us-east-1:123456789012:project/parts/1690474772815",
        "PolicyName": "n" * 128,
        "PolicyDocument": "\u00ff" * 2000,
        "PolicyRevisionId": "Aa" * 32,
    }
    validate(shape, given)
    name = member[0].lower() + member[1:]
    with pytest.raises(ValidationException, match=name):
        validate(shape, given | {member: value})


def test_p2_the_first_revision(bench: Bench) -> None:
    project = bench.project()
    revision = put(bench, project)
    assert len(bytes.fromhex(revision)) == 16
    (policy,) = listed(bench, project)
    assert policy["ProjectArn"] == project.arn
    assert policy["PolicyName"] == "shared"
    assert policy["PolicyRevisionId"] == revision
    assert policy["PolicyDocument"] == DOCUMENT
    assert policy["CreationTimestamp"] == policy["LastUpdatedTimestamp"]


def test_p3_to_p6_a_revision_is_replaced_by_who_knows_it(bench: Bench) -> None:
    project = bench.project()
    first = put(bench, project)
    (before,) = listed(bench, project)
    assert refused(bench, project) == "ResourceAlreadyExistsException"
    second = put(bench, project, PolicyRevisionId=first)
    (after,) = listed(bench, project)
    assert after["PolicyRevisionId"] == second != first
    assert after["CreationTimestamp"] == before["CreationTimestamp"]
    assert after["LastUpdatedTimestamp"] > before["LastUpdatedTimestamp"]
    for wrong in (first, "0" * 32, second[:-1]):
        stale = refused(bench, project, PolicyRevisionId=wrong)
        assert stale == "InvalidPolicyRevisionIdException"
    unknown = refused(bench, project, "another", PolicyRevisionId=second)
    assert unknown == "InvalidPolicyRevisionIdException"
    third = put(bench, project, PolicyRevisionId=second.upper())
    assert [policy["PolicyRevisionId"] for policy in listed(bench, project)] == [third]


def test_p7_a_project_has_five_policies(bench: Bench) -> None:
    project = bench.project()
    revisions = [put(bench, project, f"p{number}") for number in range(5)]
    with pytest.raises(ServiceQuotaExceededException, match="5"):
        put(bench, project, "p5")
    put(bench, project, "p3", PolicyRevisionId=revisions[3])
    put(bench.with_quotas(policies_per_project=6), project, "p5")
    assert len(listed(bench.with_quotas(), project)) == 5


def test_p8_a_malformed_document_is_named_and_changes_nothing(bench: Bench) -> None:
    project = bench.project()
    with pytest.raises(MalformedPolicyDocumentException, match=r"malformed: Version must be"):
        put(bench, project, PolicyDocument='{"Statement": []}')
    assert listed(bench, project) == []


def test_p18_projects_that_there_are_not(bench: Bench) -> None:
    project = bench.project()
    other = replace(CALLER, account_id="999999999999")
    unknown = replace(project, arn=project.arn[:-1] + str(9 - int(project.arn[-1])))
    for operation in ("PutProjectPolicy", "ListProjectPolicies", "DeleteProjectPolicy"):
        given = {"PolicyName": "shared", "PolicyDocument": DOCUMENT}
        if operation != "PutProjectPolicy":
            given.pop("PolicyDocument")
        if operation == "ListProjectPolicies":
            given.clear()
        for asked, arn in ((bench.as_caller(other), project.arn), (bench, unknown.arn)):
            code = asked.refusal(operation, ProjectArn=arn, **given)
            assert code == "ResourceNotFoundException"
    with bench.service.records.write() as connection:
        projects.set_status(connection, project.id, ProjectStatus.DELETING)
    assert refused(bench, project) == "ResourceNotFoundException"


def test_p19_of_two_who_know_the_revision_one_wins(bench: Bench) -> None:
    project = bench.project()
    revision = put(bench, project)

    def replaced(_: int) -> str | None:
        try:
            return put(bench, project, PolicyRevisionId=revision)
        except InvalidPolicyRevisionIdException:
            return None

    with ThreadPoolExecutor(4) as pool:
        won = [made for made in pool.map(replaced, range(4)) if made is not None]
    assert [policy["PolicyRevisionId"] for policy in listed(bench, project)] == won


@pytest.mark.parametrize("size", [0, 6])
def test_l1_page_sizes(size: int) -> None:
    given = {
        "ProjectArn": "arn:aws:rekognition:us-east-1:123456789012:project/parts/1690474772815",
        "MaxResults": size,
    }
    with pytest.raises(ValidationException, match="maxResults"):
        validate(service_model.input_shape("ListProjectPolicies"), given)


def test_l2_and_l3_pages_and_their_tokens(bench: Bench) -> None:
    project, other = bench.project(), bench.project("others")
    for name in ("c", "a", "b"):
        put(bench, project, name)
    names, tokens, token = list[str](), list[str](), ""
    while True:
        page = bench.ask(
            "ListProjectPolicies", ProjectArn=project.arn, MaxResults=1, NextToken=token
        )
        names += [policy["PolicyName"] for policy in page["ProjectPolicies"]]
        if "NextToken" not in page:
            break
        tokens.append(token := page["NextToken"])
    assert names == ["c", "a", "b"]
    altered = tokens[0][:-2] + ("AA" if tokens[0][-2:] != "AA" else "BB")
    stranger = bench.as_caller(replace(CALLER, account_id="999999999999"))
    refusals = [
        bench.refusal("ListProjectPolicies", ProjectArn=project.arn, NextToken=altered),
        bench.refusal("ListProjectPolicies", ProjectArn=other.arn, NextToken=tokens[0]),
    ]
    assert refusals == ["InvalidPaginationTokenException"] * 2
    foreign = stranger.refusal("ListProjectPolicies", ProjectArn=project.arn, NextToken=tokens[0])
    assert foreign == "ResourceNotFoundException"


def test_x1_to_x3_deleting(bench: Bench) -> None:
    project = bench.project()
    first = put(bench, project)
    second = put(bench, project, PolicyRevisionId=first)
    named = {"ProjectArn": project.arn, "PolicyName": "shared"}
    stale = bench.refusal("DeleteProjectPolicy", **named, PolicyRevisionId=first)
    assert stale == "InvalidPolicyRevisionIdException"
    assert bench.ask("DeleteProjectPolicy", **named, PolicyRevisionId=second) == {}
    assert bench.refusal("DeleteProjectPolicy", **named) == "ResourceNotFoundException"
    put(bench, project)
    assert bench.ask("DeleteProjectPolicy", **named) == {}
    assert listed(bench, project) == []


def test_x5_policies_go_with_their_project(bench: Bench) -> None:
    project = bench.project()
    put(bench, project)
    with bench.service.records.write() as connection:
        projects.remove(connection, project)
    again = bench.project()
    assert again.name == project.name
    assert listed(bench, again) == []
