"""Making, describing and deleting datasets; manifests in S3 are tested in tests/boto3."""

from __future__ import annotations

from typing import Any

import pytest
from tests.operations.bench import Bench

from lensmith.domain.dataset import DatasetStats, DatasetStatus, DatasetType
from lensmith.domain.job import JobKind
from lensmith.domain.project import ProjectStatus
from lensmith.store.records import datasets, jobs, projects


def test_an_empty_dataset_is_complete_at_once(bench: Bench) -> None:
    project = bench.project()
    no_source: dict[str, Any] = {}
    for kind, source in (("TRAIN", no_source), ("TEST", {"DatasetSource": no_source})):
        request = {"ProjectArn": project.arn, "DatasetType": kind, **source}
        arn = bench.ask("CreateDataset", **request)["DatasetArn"]
        description = bench.ask("DescribeDataset", DatasetArn=arn)["DatasetDescription"]
        assert f"/dataset/{kind.lower()}/" in arn
        assert description["Status"] == "CREATE_COMPLETE"
        assert description["StatusMessage"]
        assert description["StatusMessageCode"] == "SUCCESS"
        zeros = {"LabeledEntries": 0, "TotalEntries": 0, "TotalLabels": 0, "ErrorEntries": 0}
        assert description["DatasetStats"] == zeros
    (described,) = bench.ask("DescribeProjects")["ProjectDescriptions"]
    assert [each["DatasetType"] for each in described["Datasets"]] == ["TRAIN", "TEST"]


def test_a_copy_is_made_by_a_job(bench: Bench) -> None:
    source = bench.dataset(bench.project("a"), DatasetType.TEST, total_entries=3)
    target = bench.project("b")
    request = {"DatasetType": "TRAIN", "DatasetSource": {"DatasetArn": source.arn}}
    arn = bench.ask("CreateDataset", ProjectArn=target.arn, **request)["DatasetArn"]
    assert bench.dataset_now(arn).status is DatasetStatus.CREATE_IN_PROGRESS
    with bench.service.records.read() as connection:
        job = jobs.of_resource(connection, arn)
    assert job is not None
    assert job.kind is JobKind.CREATE_DATASET
    assert job.payload == {"source": "dataset", "dataset_arn": source.arn}
    assert job.access_key_id == bench.caller.access_key_id
    assert bench.job_wakes


def test_one_dataset_of_a_type(bench: Bench) -> None:
    project = bench.project()
    bench.dataset(project, status=DatasetStatus.DELETE_IN_PROGRESS)
    refusal = bench.refusal("CreateDataset", ProjectArn=project.arn, DatasetType="TRAIN")
    assert refusal == "ResourceAlreadyExistsException"


@pytest.mark.parametrize(
    "source",
    [
        {"GroundTruthManifest": {}},
        {"GroundTruthManifest": {"S3Object": {"Bucket": "images"}}},
        {"GroundTruthManifest": {"S3Object": {"Name": "train.manifest"}}},
    ],
)
def test_a_manifest_needs_bucket_and_name(bench: Bench, source: dict[str, Any]) -> None:
    request = {"ProjectArn": bench.project().arn, "DatasetType": "TRAIN"}
    refusal = bench.refusal("CreateDataset", **request, DatasetSource=source)
    assert refusal == "InvalidParameterException"


def test_two_sources_are_refused(bench: Bench) -> None:
    project = bench.project()
    other = bench.dataset(bench.project("other"))
    source = {
        "DatasetArn": other.arn,
        "GroundTruthManifest": {"S3Object": {"Bucket": "images", "Name": "a"}},
    }
    request = {"ProjectArn": project.arn, "DatasetType": "TRAIN", "DatasetSource": source}
    assert bench.refusal("CreateDataset", **request) == "InvalidParameterException"


def test_project_and_source_must_exist(bench: Bench) -> None:
    project = bench.project()
    gone = bench.dataset(project)
    with bench.service.records.write() as connection:
        datasets.remove(connection, gone)
    request = {"DatasetType": "TRAIN", "DatasetSource": {"DatasetArn": gone.arn}}
    for arn in (project.arn, project.arn + "0"):
        refusal = bench.refusal("CreateDataset", ProjectArn=arn, **request)
        assert refusal == "ResourceNotFoundException"
    for operation in ("DescribeDataset", "DeleteDataset", "ListDatasetLabels"):
        assert bench.refusal(operation, DatasetArn=gone.arn) == "ResourceNotFoundException"


def test_a_deleting_project_takes_no_dataset(bench: Bench) -> None:
    project = bench.project()
    with bench.service.records.write() as connection:
        projects.set_status(connection, project.id, ProjectStatus.DELETING)
    refusal = bench.refusal("CreateDataset", ProjectArn=project.arn, DatasetType="TRAIN")
    assert refusal == "ResourceNotFoundException"


def test_describe_shows_the_stored_statistics(bench: Bench) -> None:
    dataset = bench.dataset(bench.project())
    with bench.service.records.write() as connection:
        datasets.set_stats(connection, dataset.id, DatasetStats(15, 14, 9, 1))
    description = bench.ask("DescribeDataset", DatasetArn=dataset.arn)["DatasetDescription"]
    assert description["DatasetStats"] == {
        "TotalEntries": 15,
        "LabeledEntries": 14,
        "TotalLabels": 9,
        "ErrorEntries": 1,
    }
    assert description["CreationTimestamp"] == dataset.created_ms / 1000


def test_delete_is_queued(bench: Bench) -> None:
    dataset = bench.dataset(bench.project(), status=DatasetStatus.CREATE_FAILED)
    assert bench.ask("DeleteDataset", DatasetArn=dataset.arn) == {}
    assert bench.dataset_now(dataset.arn).status is DatasetStatus.DELETE_IN_PROGRESS
    with bench.service.records.read() as connection:
        job = jobs.of_resource(connection, dataset.arn)
    assert job is not None
    assert job.kind is JobKind.DELETE_DATASET


def test_create_dataset_asks_for_source_and_tags_too(bench: Bench) -> None:
    project = bench.project()
    source = bench.dataset(project)
    create, read, tag = bench.permissions(
        "CreateDataset",
        ProjectArn=project.arn,
        DatasetType="TEST",
        DatasetSource={"DatasetArn": source.arn},
        Tags={"team": "a"},
    )
    assert (create.action, create.resource) == ("rekognition:CreateDataset", project.arn)
    assert (read.action, read.resource) == ("rekognition:ListDatasetEntries", source.arn)
    assert tag.action == "rekognition:TagResource"
    assert "/parts/dataset/test/" in tag.resource
