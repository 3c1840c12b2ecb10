"""What the guide's samples rely on, api.md appendix B; items 8 and 13 are in test_running.py."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, WaiterError
from tests.boto3 import settling
from tests.boto3.conftest import manifest_lines
from tests.boto3.recorded import record_version
from tests.boto3.settling import code_of
from tests.support.eventually import TIMEOUT_SECONDS

from lensmith.domain.project_version import VersionStatus
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import AssetTypeDef, GroundTruthManifestTypeDef

PROJECT_ARN = re.compile(r"arn:aws:rekognition:us-east-1:\d{12}:project/[\w.\-]{1,255}/\d{13}")


def make_dataset(
    rekognition: RekognitionClient, project_arn: str, dataset_type: Any, **source: Any
) -> str:
    """A dataset that has settled."""
    more: dict[str, Any] = {"DatasetSource": source} if source else {}
    arn = rekognition.create_dataset(ProjectArn=project_arn, DatasetType=dataset_type, **more)[
        "DatasetArn"
    ]
    assert settling.dataset(rekognition, arn)[-1]["Status"] == "CREATE_COMPLETE"
    return arn


def entries(rekognition: RekognitionClient, arn: str, **filters: Any) -> list[str]:
    """The guide's loop: an empty token first, until the key disappears."""
    found, token, more = list[str](), "", True
    while more:
        answer = rekognition.list_dataset_entries(
            DatasetArn=arn, NextToken=token, MaxResults=7, **filters
        )
        found += answer["DatasetEntries"]
        more = "NextToken" in answer
        token = answer.get("NextToken", "")
    return found


def test_01_a_fresh_account_is_empty(rekognition_as: Callable[..., RekognitionClient]) -> None:
    rekognition = rekognition_as()
    assert rekognition.describe_projects()["ProjectDescriptions"] == []
    answer = rekognition.describe_projects(ProjectNames=["unknown"])
    assert answer["ProjectDescriptions"] == []
    assert "NextToken" not in answer


def test_02_a_project_name_is_taken_once(rekognition: RekognitionClient, project_name: str) -> None:
    arn = rekognition.create_project(ProjectName=project_name)["ProjectArn"]
    assert PROJECT_ARN.fullmatch(arn)
    second = code_of(lambda: rekognition.create_project(ProjectName=project_name))
    assert second == "ResourceInUseException"


def test_03_datasets_from_a_manifest_empty_and_copied(
    rekognition: RekognitionClient, project_arn: str, manifest: GroundTruthManifestTypeDef
) -> None:
    other = rekognition.create_project(ProjectName=f"{project_arn.split('/')[1]}-copy")
    first = rekognition.create_dataset(
        ProjectArn=project_arn,
        DatasetType="TRAIN",
        DatasetSource={"GroundTruthManifest": manifest},
    )["DatasetArn"]
    seen = settling.dataset(rekognition, first)
    assert {each["Status"] for each in seen} <= {"CREATE_IN_PROGRESS", "CREATE_COMPLETE"}
    message = "The dataset was successfully created from the manifest file."
    assert seen[-1]["StatusMessage"] == message
    assert seen[-1]["DatasetStats"] == {
        "LabeledEntries": 20,
        "TotalEntries": 20,
        "TotalLabels": 2,
        "ErrorEntries": 0,
    }
    empty = rekognition.create_dataset(ProjectArn=project_arn, DatasetType="TEST")
    copied = rekognition.create_dataset(
        ProjectArn=other["ProjectArn"],
        DatasetType="TEST",
        DatasetSource={"DatasetArn": first},
    )
    for made, total in ((empty, 0), (copied, 20)):
        seen = settling.dataset(rekognition, made["DatasetArn"])
        assert {each["Status"] for each in seen} <= {"CREATE_IN_PROGRESS", "CREATE_COMPLETE"}
        assert seen[-1]["StatusMessage"]
        assert seen[-1]["DatasetStats"]["TotalEntries"] == total
    assert entries(rekognition, copied["DatasetArn"]) == entries(rekognition, first)


def test_04_an_update_shows_at_once(
    rekognition: RekognitionClient, project_arn: str, manifest: GroundTruthManifestTypeDef
) -> None:
    arn = make_dataset(rekognition, project_arn, "TRAIN", GroundTruthManifest=manifest)
    bucket = manifest["S3Object"]["Bucket"]
    changes = manifest_lines(bucket, {"0.png": "washer", "20.png": "bolt"})
    rekognition.update_dataset_entries(DatasetArn=arn, Changes={"GroundTruth": changes})
    seen = settling.dataset(rekognition, arn)
    assert {each["Status"] for each in seen} <= {"UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"}
    assert seen[-1]["DatasetStats"]["TotalEntries"] == 21
    lines = entries(rekognition, arn)
    assert "washer" in lines[0]
    assert "20.png" in lines[-1]


def test_04_a_failed_update_changes_nothing(
    rekognition: RekognitionClient, project_arn: str, manifest: GroundTruthManifestTypeDef
) -> None:
    arn = make_dataset(rekognition, project_arn, "TRAIN", GroundTruthManifest=manifest)
    before = entries(rekognition, arn)
    elsewhere = manifest_lines("another-bucket", {"0.png": "washer"})
    rekognition.update_dataset_entries(DatasetArn=arn, Changes={"GroundTruth": elsewhere})
    last = settling.dataset(rekognition, arn)[-1]
    assert (last["Status"], last["StatusMessageCode"]) == ("UPDATE_FAILED", "CLIENT_ERROR")
    message = "The manifest file contains images from multiple S3 buckets."
    assert last["StatusMessage"] == message
    assert entries(rekognition, arn) == before


def test_04_distributing_moves_a_fifth(
    rekognition: RekognitionClient, project_arn: str, manifest: GroundTruthManifestTypeDef
) -> None:
    train = make_dataset(rekognition, project_arn, "TRAIN", GroundTruthManifest=manifest)
    test = make_dataset(rekognition, project_arn, "TEST")
    before = set(entries(rekognition, train))
    rekognition.distribute_dataset_entries(Datasets=[{"Arn": test}, {"Arn": train}])
    for arn in (train, test):
        seen = settling.dataset(rekognition, arn)
        assert {each["Status"] for each in seen} <= {"UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"}
    kept, moved = entries(rekognition, train), entries(rekognition, test)
    assert (len(kept), len(moved)) == (16, 4)
    assert {*kept, *moved} == before


def test_05_every_entry_is_listed_once(
    rekognition: RekognitionClient, project_arn: str, manifest: GroundTruthManifestTypeDef
) -> None:
    arn = make_dataset(rekognition, project_arn, "TRAIN", GroundTruthManifest=manifest)
    found = entries(rekognition, arn, HasErrors=False)
    names = [re.search(r"/(\d+)\.png", line) for line in found]
    assert [int(name[1]) for name in names if name] == list(range(20))
    assert all('"cl-metadata":{"is_labeled":true}' in line for line in found)
    assert len(entries(rekognition, arn, ContainsLabels=["nut"])) == 10
    labels = rekognition.get_paginator("list_dataset_labels").paginate(
        DatasetArn=arn, PaginationConfig={"PageSize": 1}
    )
    assert labels.build_full_result()["DatasetLabelDescriptions"] == [
        {"LabelName": name, "LabelStats": {"EntryCount": 10}} for name in ("bolt", "nut")
    ]


def test_06_a_training_is_visible_and_its_waiter_ends(
    rekognition: RekognitionClient, project_arn: str, bucket: str
) -> None:
    missing: AssetTypeDef = {
        "GroundTruthManifest": {"S3Object": {"Bucket": bucket, "Name": "no.manifest"}}
    }
    arn = rekognition.create_project_version(
        ProjectArn=project_arn,
        VersionName="v1",
        OutputConfig={"S3Bucket": bucket, "S3KeyPrefix": "run"},
        TrainingData={"Assets": [missing]},
        TestingData={"AutoCreate": True},
        Tags={},
    )["ProjectVersionArn"]
    waiter = rekognition.get_waiter("project_version_training_completed")
    with pytest.raises(WaiterError, match="TRAINING_FAILED"):
        waiter.wait(
            ProjectArn=project_arn,
            VersionNames=["v1"],
            WaiterConfig={"Delay": 1, "MaxAttempts": int(TIMEOUT_SECONDS)},
        )
    (model,) = rekognition.describe_project_versions(ProjectArn=project_arn)[
        "ProjectVersionDescriptions"
    ]
    assert model["ProjectVersionArn"] == arn
    assert model["StatusMessage"] == "The manifest file extension or contents are invalid."
    assert "TrainingEndTimestamp" in model
    assert not {"EvaluationResult", "ManifestSummary"} & model.keys()


def test_07_some_members_are_never_absent(
    rekognition: RekognitionClient, project_arn: str, trained_version_arn: str
) -> None:
    (model,) = rekognition.describe_project_versions(
        ProjectArn=project_arn, VersionNames=["v1", "unknown"]
    )["ProjectVersionDescriptions"]
    assert model["ProjectVersionArn"] == trained_version_arn
    assert {"Status", "StatusMessage", "CreationTimestamp", "OutputConfig"} <= model.keys()
    assert model["OutputConfig"] == {"S3Bucket": "results", "S3KeyPrefix": ""}


def test_09_a_deleted_version_leaves_an_empty_list(
    rekognition: RekognitionClient, project_arn: str, trained_version_arn: str
) -> None:
    deleting = rekognition.delete_project_version(ProjectVersionArn=trained_version_arn)
    assert deleting["Status"] == "DELETING"
    settling.every_view(
        lambda: rekognition.describe_project_versions(ProjectArn=project_arn, VersionNames=["v1"])[
            "ProjectVersionDescriptions"
        ],
        lambda versions: versions == [],
    )


def test_10_deleting_datasets_and_then_the_project(
    rekognition: RekognitionClient,
    project_arn: str,
    project_name: str,
    manifest: GroundTruthManifestTypeDef,
) -> None:
    dataset = make_dataset(rekognition, project_arn, "TRAIN", GroundTruthManifest=manifest)
    early = code_of(lambda: rekognition.delete_project(ProjectArn=project_arn))
    assert early == "ResourceInUseException"
    rekognition.delete_dataset(DatasetArn=dataset)
    settling.every_view(
        lambda: code_of(lambda: rekognition.describe_dataset(DatasetArn=dataset)),
        lambda code: code == "ResourceNotFoundException",
    )
    assert rekognition.delete_project(ProjectArn=project_arn)["Status"] == "DELETING"
    settling.every_view(
        lambda: rekognition.describe_projects(ProjectNames=[project_name])["ProjectDescriptions"],
        lambda found: found == [],
    )
    rekognition.create_project(ProjectName=project_name)


@pytest.mark.parametrize(
    "status",
    [VersionStatus.TRAINING_FAILED, VersionStatus.COPYING_IN_PROGRESS, VersionStatus.STOPPED],
)
def test_14_tags_are_a_plain_map_in_any_state(
    rekognition: RekognitionClient, project_arn: str, live_records: Records, status: VersionStatus
) -> None:
    arn = record_version(live_records, project_arn, status).arn
    for resource in (arn, project_arn):
        rekognition.tag_resource(ResourceArn=resource, Tags={"team": "a", "Stadt": "Köln"})
        rekognition.untag_resource(ResourceArn=resource, TagKeys=["team"])
        tags = rekognition.list_tags_for_resource(ResourceArn=resource)
        assert tags["Tags"]["Stadt"] == "Köln"
        assert len(tags["Tags"]) == 1


def test_15_every_reply_has_a_request_id(rekognition: RekognitionClient, project_arn: str) -> None:
    answer = rekognition.describe_projects()
    assert answer["ResponseMetadata"]["RequestId"]
    with pytest.raises(ClientError) as caught:
        rekognition.describe_project_versions(ProjectArn=project_arn + "0")
    response = caught.value.response
    assert response["Error"]["Code"] == "ResourceNotFoundException"
    assert response["Error"]["Message"].endswith(project_arn + "0")
    assert response["ResponseMetadata"]["RequestId"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
