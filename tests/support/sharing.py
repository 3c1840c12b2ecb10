"""The guide's programs for sharing a model, in other words: put, list, delete a policy, copy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.artefacts import convolved_colour, with_int8
from tests.support.eventually import until

from lensmith.domain.project_version import ProjectVersion, ResultFile, VersionStatus
from lensmith.store.records import project_versions, projects
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import (
        ProjectPolicyTypeDef,
        ProjectVersionDescriptionTypeDef,
    )


def policy_document(principal: Any, version_arns: str | list[str], effect: str = "ALLOW") -> str:
    """A project policy as the guide writes it."""
    statement = {
        "Effect": effect,
        "Principal": principal,
        "Action": "rekognition:CopyProjectVersion",
        "Resource": version_arns,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


def put_policy(
    client: RekognitionClient, project_arn: str, name: str, document: str, revision: str = ""
) -> str:
    """Attach a policy, or replace a revision; returns the new one's id."""
    more: Any = {"PolicyRevisionId": revision} if revision else {}
    answer = client.put_project_policy(
        ProjectArn=project_arn, PolicyName=name, PolicyDocument=document, **more
    )
    return answer["PolicyRevisionId"]


def policies_of(client: RekognitionClient, project_arn: str) -> list[ProjectPolicyTypeDef]:
    """Every policy, page by page, until no token comes back."""
    found: list[ProjectPolicyTypeDef] = []
    token, is_finished = "", False
    while not is_finished:
        answer = client.list_project_policies(ProjectArn=project_arn, MaxResults=5, NextToken=token)
        found += answer["ProjectPolicies"]
        is_finished = "NextToken" not in answer
        token = answer.get("NextToken", "")
    return found


def delete_policy(
    client: RekognitionClient, project_arn: str, name: str, revision: str = ""
) -> None:
    more: Any = {"PolicyRevisionId": revision} if revision else {}
    client.delete_project_policy(ProjectArn=project_arn, PolicyName=name, **more)


def begin_copy(
    client: RekognitionClient,
    source_version_arn: str,
    source_project_arn: str,
    destination_project_arn: str,
    name: str,
    **more: Any,
) -> str:
    """Ask for a copy, as the trusted account; returns its ARN."""
    answer = client.copy_project_version(
        SourceProjectArn=source_project_arn,
        SourceProjectVersionArn=source_version_arn,
        DestinationProjectArn=destination_project_arn,
        VersionName=name,
        **more,
    )
    return answer["ProjectVersionArn"]


def describe(
    client: RekognitionClient, project_arn: str, name: str
) -> ProjectVersionDescriptionTypeDef:
    return client.describe_project_versions(ProjectArn=project_arn, VersionNames=[name])[
        "ProjectVersionDescriptions"
    ][0]


def await_copy(
    client: RekognitionClient, project_arn: str, name: str
) -> ProjectVersionDescriptionTypeDef:
    """The description once it is neither being copied nor absent."""
    return until(
        lambda: describe(client, project_arn, name),
        lambda version: version["Status"] in {"COPYING_COMPLETED", "COPYING_FAILED"},
        "the copy has not ended",
    )


def plant_model(data: Path, records: Records, project_arn: str, name: str = "v1") -> ProjectVersion:
    """A version as a training leaves it: its model, and its result files beside it."""
    with records.write() as connection:
        project = projects.find(connection, project_arn)
        assert project is not None
        made = project_versions.create(
            connection,
            project,
            name,
            output_bucket="gone-results",
            output_prefix="runs",
            training_input={},
            testing_input={"AutoCreate": False},
        )
        project_versions.finish_training(
            connection,
            made.id,
            VersionStatus.TRAINING_COMPLETED,
            result_files={each.value: each.key("runs", project.name, name) for each in ResultFile},
            f1_score=0.875,
            billable_seconds=77,
        )
        version = project_versions.find(connection, made.arn)
    assert version is not None
    model = data / "models" / str(version.id)
    convolved_colour(model)
    with_int8(model, (0.45, 0.55, 0.65))
    (model / "results").mkdir()
    for each in ResultFile:
        (model / "results" / f"{each.value}.json").write_text(f"{each.value} of {version.arn}\n")
    return version
