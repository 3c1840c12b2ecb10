"""Tags on the three kinds of resources."""

from __future__ import annotations

import pytest
from tests.operations.bench import Bench

from lensmith.operations.tags import TAGS_PER_RESOURCE


@pytest.fixture(params=["project", "dataset", "version"])
def arn(bench: Bench, request: pytest.FixtureRequest) -> str:
    project = bench.project()
    made = project if request.param == "project" else getattr(bench, request.param)(project)
    return str(made.arn)


def test_tags_merge_overwrite_and_go(bench: Bench, arn: str) -> None:
    assert bench.ask("ListTagsForResource", ResourceArn=arn) == {"Tags": {}}
    bench.ask("TagResource", ResourceArn=arn, Tags={"team": "a", "Team": "b"})
    bench.ask("TagResource", ResourceArn=arn, Tags={"team": "c", "cost": ""})
    tags = {"team": "c", "Team": "b", "cost": ""}
    assert bench.ask("ListTagsForResource", ResourceArn=arn) == {"Tags": tags}
    for _ in range(2):
        bench.ask("UntagResource", ResourceArn=arn, TagKeys=["Team", "absent"])
    assert bench.ask("ListTagsForResource", ResourceArn=arn)["Tags"].keys() == {"team", "cost"}


def test_tags_are_limited(bench: Bench, arn: str) -> None:
    full = {f"k{number}": "" for number in range(TAGS_PER_RESOURCE)}
    bench.ask("TagResource", ResourceArn=arn, Tags=full)
    bench.ask("TagResource", ResourceArn=arn, Tags={"k0": "overwritten"})
    refusal = bench.refusal("TagResource", ResourceArn=arn, Tags={"one more": ""})
    assert refusal == "ServiceQuotaExceededException"


def test_other_arns(bench: Bench, arn: str) -> None:
    for unknown, code in (
        (arn + "0", "ResourceNotFoundException"),
        ("arn:aws:rekognition:us-east-1:111122223333:collection/c", "InvalidParameterException"),
    ):
        for operation, more in (
            ("TagResource", {"Tags": {}}),
            ("UntagResource", {"TagKeys": []}),
            ("ListTagsForResource", {}),
        ):
            assert bench.refusal(operation, ResourceArn=unknown, **more) == code


def test_permissions_carry_tags(bench: Bench, arn: str) -> None:
    bench.ask("TagResource", ResourceArn=arn, Tags={"team": "a"})
    (tag,) = bench.permissions("TagResource", ResourceArn=arn, Tags={"cost": "1"})
    assert (tag.resource, tag.resource_tags) == (arn, {"team": "a"})
    assert tag.request_tags == {"cost": "1"}
    (untag,) = bench.permissions("UntagResource", ResourceArn=arn, TagKeys=["team"])
    assert list(untag.request_tags) == ["team"]


def test_created_with_tags(bench: Bench) -> None:
    project = bench.ask("CreateProject", ProjectName="p", Tags={"team": "a"})["ProjectArn"]
    request = {"ProjectArn": project, "DatasetType": "TRAIN", "Tags": {"team": "b"}}
    dataset = bench.ask("CreateDataset", **request)["DatasetArn"]
    for arn, value in ((project, "a"), (dataset, "b")):
        assert bench.ask("ListTagsForResource", ResourceArn=arn)["Tags"] == {"team": value}
