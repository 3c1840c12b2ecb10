"""Projects: names, deletion, listing."""

from __future__ import annotations

from typing import Any

import pytest
from tests.operations.bench import Bench

from lensmith.domain.caller import Caller
from lensmith.domain.job import JobKind
from lensmith.domain.project import ProjectStatus
from lensmith.store.records import leases, projects
from lensmith.store.records.leases import Lease

LEASE = Lease("test", 30)


def test_create_project_returns_an_arn_that_matches_the_model(bench: Bench) -> None:
    arn = bench.ask("CreateProject", ProjectName="parts")["ProjectArn"]
    assert arn.startswith("arn:aws:rekognition:us-east-1:111122223333:project/parts/")
    (described,) = bench.ask("DescribeProjects")["ProjectDescriptions"]
    assert described["ProjectArn"] == arn
    assert int(arn.rpartition("/")[2]) == round(described["CreationTimestamp"] * 1000)
    assert described["Status"] == "CREATED"
    assert described["Datasets"] == []
    assert described["Feature"] == "CUSTOM_LABELS"


def test_a_name_is_taken_until_deletion_has_ended(bench: Bench) -> None:
    arn = bench.ask("CreateProject", ProjectName="parts")["ProjectArn"]
    assert bench.refusal("CreateProject", ProjectName="parts") == "ResourceInUseException"
    bench.ask("DeleteProject", ProjectArn=arn)
    assert bench.refusal("CreateProject", ProjectName="parts") == "ResourceInUseException"


def test_another_account_may_use_the_same_name(bench: Bench) -> None:
    bench.ask("CreateProject", ProjectName="parts")
    other = bench.as_caller(Caller("999999999999", "arn:aws:iam::999999999999:root", "AKIAOTHER"))
    other.ask("CreateProject", ProjectName="parts")
    assert len(other.ask("DescribeProjects")["ProjectDescriptions"]) == 1


@pytest.mark.parametrize("extra", [{"Feature": "CONTENT_MODERATION"}, {"AutoUpdate": "ENABLED"}])
def test_adapters_are_refused(bench: Bench, extra: dict[str, str]) -> None:
    assert bench.refusal("CreateProject", ProjectName="p", **extra) == "InvalidParameterException"


def test_custom_labels_members_are_accepted(bench: Bench) -> None:
    bench.ask("CreateProject", ProjectName="p", Feature="CUSTOM_LABELS", AutoUpdate="DISABLED")


def test_projects_per_account_are_limited(bench: Bench) -> None:
    limited = bench.with_quotas(projects_per_account=1)
    limited.ask("CreateProject", ProjectName="a")
    assert limited.refusal("CreateProject", ProjectName="b") == "LimitExceededException"


def test_delete_project_queues_one_job(bench: Bench) -> None:
    project = bench.project()
    for _ in range(2):
        assert bench.ask("DeleteProject", ProjectArn=project.arn) == {"Status": "DELETING"}
    with bench.service.records.write() as connection:
        job = leases.claim(connection, [JobKind.DELETE_PROJECT], LEASE, pid=1)
        assert job is not None
        assert job.resource_arn == project.arn
        assert leases.claim(connection, [JobKind.DELETE_PROJECT], LEASE, pid=1) is None
    assert bench.job_wakes


def test_a_project_with_content_cannot_be_deleted(bench: Bench) -> None:
    with_dataset, with_version = bench.project("a"), bench.project("b")
    bench.dataset(with_dataset)
    bench.version(with_version)
    for project in (with_dataset, with_version):
        refusal = bench.refusal("DeleteProject", ProjectArn=project.arn)
        assert refusal == "ResourceInUseException"


def test_unknown_projects_are_not_found(bench: Bench) -> None:
    arn = bench.project().arn
    for unknown in (
        arn + "1",
        arn.replace("111122223333", "999999999999"),
        arn.replace("us-east-1", "eu-west-1"),
    ):
        assert bench.refusal("DeleteProject", ProjectArn=unknown) == "ResourceNotFoundException"


def test_describe_projects_pages_newest_first(bench: Bench) -> None:
    names = [f"p{number}" for number in range(5)]
    for name in names:
        bench.project(name)
    seen, request = [], dict[str, Any](MaxResults=2, NextToken="")
    while True:
        answer = bench.ask("DescribeProjects", **request)
        seen += [each["ProjectArn"].split("/")[1] for each in answer["ProjectDescriptions"]]
        if "NextToken" not in answer:
            break
        request["NextToken"] = answer["NextToken"]
    assert seen == names[::-1]


def test_a_token_is_good_for_the_same_question_only(bench: Bench) -> None:
    for name in ("a", "b"):
        bench.project(name)
    token = bench.ask("DescribeProjects", MaxResults=1)["NextToken"]
    bench.ask("DescribeProjects", MaxResults=50, NextToken=token)
    for request in (
        {"NextToken": token, "ProjectNames": ["a"]},
        {"NextToken": token[:-1]},
        {"NextToken": "made up"},
    ):
        refusal = bench.refusal("DescribeProjects", **request)
        assert refusal == "InvalidPaginationTokenException"


def test_describe_projects_filters(bench: Bench) -> None:
    bench.project("a")
    bench.project("b")
    found = bench.ask("DescribeProjects", ProjectNames=["a", "unknown"])["ProjectDescriptions"]
    assert [each["ProjectArn"].split("/")[1] for each in found] == ["a"]
    moderation = bench.ask("DescribeProjects", Features=["CONTENT_MODERATION"])
    assert moderation == {"ProjectDescriptions": []}


def test_a_deleting_project_is_listed(bench: Bench) -> None:
    project = bench.project()
    with bench.service.records.write() as connection:
        projects.set_status(connection, project.id, ProjectStatus.DELETING)
    (described,) = bench.ask("DescribeProjects")["ProjectDescriptions"]
    assert described["Status"] == "DELETING"


def test_create_project_asks_for_the_prospective_arn(bench: Bench) -> None:
    create, tag = bench.permissions("CreateProject", ProjectName="parts", Tags={"team": "a"})
    assert create.action == "rekognition:CreateProject"
    assert create.resource.startswith("arn:aws:rekognition:us-east-1:111122223333:project/parts/")
    assert create.request_tags == tag.request_tags == {"team": "a"}
    assert (tag.action, tag.resource) == ("rekognition:TagResource", create.resource)
    (alone,) = bench.permissions("CreateProject", ProjectName="parts", Tags={})
    assert alone.action == "rekognition:CreateProject"
