"""Policies of the guide as operations apply them (api.md 4.5), and accounts apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.boto3.settling import code_of

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

DENIED = "AccessDeniedException"
Clients = Callable[..., "RekognitionClient"]


def allow(*actions: str, resource: str = "*") -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": [f"rekognition:{each}" for each in actions],
        "Resource": resource,
    }


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def test_project_names_are_scoped_before_the_project_exists(rekognition_as: Clients) -> None:
    client = rekognition_as(
        policy(allow("CreateProject", resource="arn:aws:rekognition:*:*:project/MyProject/*"))
    )
    client.create_project(ProjectName="MyProject")
    assert code_of(lambda: client.create_project(ProjectName="Other")) == DENIED
    assert code_of(client.describe_projects) == DENIED
    tagging = code_of(lambda: client.create_project(ProjectName="MyProject", Tags={"a": "b"}))
    assert tagging == DENIED


def test_a_deny_on_the_prospective_version_counts(
    rekognition_as: Clients, project_arn: str
) -> None:
    account = project_arn.split(":")[4]
    project = project_arn.split("/")[1]
    denied = {
        "Effect": "Deny",
        "Action": "rekognition:CreateProjectVersion",
        "Resource": f"arn:aws:rekognition:*:*:project/{project}/version/frozen/*",
    }
    client = rekognition_as(
        policy(allow("CreateProjectVersion", resource=project_arn), denied), account
    )

    def train(name: str) -> str | None:
        output: Any = {"S3Bucket": "results"}
        return code_of(
            lambda: client.create_project_version(
                ProjectArn=project_arn, VersionName=name, OutputConfig=output
            )
        )

    assert train("frozen") == DENIED
    assert train("free") == "InvalidParameterException"  # allowed, but there is no dataset


def test_copying_needs_the_right_to_list_the_source(
    rekognition: RekognitionClient, rekognition_as: Clients, project_arn: str
) -> None:
    source = rekognition.create_dataset(ProjectArn=project_arn, DatasetType="TRAIN")["DatasetArn"]
    client = rekognition_as(policy(allow("CreateDataset")), project_arn.split(":")[4])
    with pytest.raises(ClientError) as caught:
        client.create_dataset(
            ProjectArn=project_arn, DatasetType="TEST", DatasetSource={"DatasetArn": source}
        )
    message = caught.value.response["Error"]["Message"]
    assert "rekognition:ListDatasetEntries" in message
    assert source in message


def test_resource_tags_decide(
    rekognition: RekognitionClient, rekognition_as: Clients, project_arn: str
) -> None:
    condition = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    client = rekognition_as(
        policy({**allow("DescribeProjectVersions"), "Condition": condition}),
        project_arn.split(":")[4],
    )

    def describe() -> str | None:
        return code_of(lambda: client.describe_project_versions(ProjectArn=project_arn))

    assert describe() == DENIED
    rekognition.tag_resource(ResourceArn=project_arn, Tags={"team": "a"})
    assert describe() is None


def test_another_account_finds_nothing(rekognition_as: Clients, project_arn: str) -> None:
    stranger = rekognition_as()
    for call in (
        lambda: stranger.describe_project_versions(ProjectArn=project_arn),
        lambda: stranger.delete_project(ProjectArn=project_arn),
        lambda: stranger.list_tags_for_resource(ResourceArn=project_arn),
        lambda: stranger.create_dataset(ProjectArn=project_arn, DatasetType="TRAIN"),
    ):
        assert code_of(call) == "ResourceNotFoundException"
