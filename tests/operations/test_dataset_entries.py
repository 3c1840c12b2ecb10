"""Listing with filters, updating, distributing."""

from __future__ import annotations

from typing import Any

import pytest
from tests.operations.bench import Bench

from lensmith.domain.dataset import Dataset, DatasetStatus, DatasetType
from lensmith.domain.job import JobKind
from lensmith.store.records import entries, jobs
from lensmith.store.records.entries import NewEntry
from lensmith.store.records.labels import LabelIndex, Mention

LINES = {
    "s3://images/a/1.png": {"bolt": Mention.ON_BOX},
    "s3://images/a/2.png": {"bolt": Mention.ON_IMAGE, "nut": Mention.ON_IMAGE},
    "s3://images/b/3.png": {},
    "s3://images/b/4.png": {"nut": Mention.ON_IMAGE, "spare": Mention.DECLARED},
}


@pytest.fixture
def dataset(bench: Bench) -> Dataset:
    """Four entries; the third has no label, the fourth an error."""
    made: Dataset = bench.dataset(bench.project())
    new = [
        NewEntry(ref, f'{{"source-ref":"{ref}"}}', bool(labels), ref.endswith("4.png"), labels)
        for ref, labels in LINES.items()
    ]
    with bench.service.records.write() as connection:
        label_index = LabelIndex.open(connection, made.id)
        entries.add(connection, label_index, enumerate(new))
        label_index.save(connection)
        entries.refresh_stats(connection, made.id)
    return made


def listed(bench: Bench, dataset: Dataset, **request: Any) -> list[int]:
    """Numbers of the images listed, over all pages."""
    found, token = list[str](), ""
    while True:
        answer = bench.ask("ListDatasetEntries", DatasetArn=dataset.arn, NextToken=token, **request)
        found += answer["DatasetEntries"]
        if "NextToken" not in answer:
            return [int(line.split("/")[-1].split(".")[0]) for line in found]
        token = answer["NextToken"]


@pytest.mark.parametrize(
    ("request_members", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"MaxResults": 1}, [1, 2, 3, 4]),
        ({"MaxResults": 4}, [1, 2, 3, 4]),
        ({"HasErrors": False, "MaxResults": 3}, [1, 2, 3, 4]),
        ({"HasErrors": True}, [4]),
        ({"Labeled": True}, [1, 2, 4]),
        ({"Labeled": False}, [3]),
        ({"ContainsLabels": ["bolt"]}, [1, 2]),
        ({"ContainsLabels": ["bolt", "nut"], "MaxResults": 1}, [1, 2, 4]),
        ({"ContainsLabels": ["Bolt"]}, []),
        ({"SourceRefContains": "/b/"}, [3, 4]),
        ({"SourceRefContains": "/b/", "Labeled": True, "ContainsLabels": ["nut"]}, [4]),
    ],
)
def test_filters_are_anded(
    bench: Bench, dataset: Dataset, request_members: dict[str, Any], expected: list[int]
) -> None:
    assert listed(bench, dataset, **request_members) == expected


def test_labels_in_order_of_first_appearance(bench: Bench, dataset: Dataset) -> None:
    found, token = list[dict[str, Any]](), ""
    while True:
        answer = bench.ask(
            "ListDatasetLabels", DatasetArn=dataset.arn, MaxResults=2, NextToken=token
        )
        found += answer["DatasetLabelDescriptions"]
        if "NextToken" not in answer:
            break
        token = answer["NextToken"]
    assert found == [
        {"LabelName": "bolt", "LabelStats": {"EntryCount": 2, "BoundingBoxCount": 1}},
        {"LabelName": "nut", "LabelStats": {"EntryCount": 2}},
        {"LabelName": "spare", "LabelStats": {"EntryCount": 0}},
    ]


def test_update_queues_the_lines(bench: Bench, dataset: Dataset) -> None:
    body = b'{"source-ref":"s3://images/c/5.png"}\n'
    request = {"DatasetArn": dataset.arn, "Changes": {"GroundTruth": body}}
    assert bench.ask("UpdateDatasetEntries", **request) == {}
    with bench.service.records.read() as connection:
        job = jobs.of_resource(connection, dataset.arn)
        assert job is not None
        assert job.kind is JobKind.UPDATE_DATASET
        assert jobs.body(connection, job.id) == body
    updating = bench.dataset_now(dataset.arn)
    assert updating.status is DatasetStatus.UPDATE_IN_PROGRESS
    assert updating.status_message
    assert bench.refusal("UpdateDatasetEntries", **request) == "ResourceInUseException"


@pytest.mark.parametrize("order", [1, -1])
def test_distribute_sets_both_datasets_in_progress(
    bench: Bench, dataset: Dataset, order: int
) -> None:
    (project,) = bench.ask("DescribeProjects")["ProjectDescriptions"]
    arn = bench.ask("CreateDataset", ProjectArn=project["ProjectArn"], DatasetType="TEST")
    test = bench.dataset_now(arn["DatasetArn"])
    given = [{"Arn": each.arn} for each in (dataset, test)][::order]
    assert bench.ask("DistributeDatasetEntries", Datasets=given) == {}
    for each in (dataset, test):
        assert bench.dataset_now(each.arn).status is DatasetStatus.UPDATE_IN_PROGRESS
    with bench.service.records.read() as connection:
        job = jobs.of_resource(connection, dataset.arn)
    assert job is not None
    assert job.kind is JobKind.DISTRIBUTE_DATASET
    assert job.payload == {"train_dataset_arn": dataset.arn, "test_dataset_arn": test.arn}


def test_distribute_needs_one_train_and_one_empty_test(bench: Bench) -> None:
    here, there = bench.project("here"), bench.project("there")
    train, full = bench.dataset(here), bench.dataset(here, DatasetType.TEST, total_entries=1)
    other_train, other_test = bench.dataset(there), bench.dataset(there, DatasetType.TEST)
    for pair in ((train, train), (train, other_train), (train, other_test), (train, full)):
        datasets = [{"Arn": each.arn} for each in pair]
        refusal = bench.refusal("DistributeDatasetEntries", Datasets=datasets)
        assert refusal == "InvalidParameterException"


def test_distribute_finds_both_first(bench: Bench) -> None:
    train = bench.dataset(bench.project())
    missing = train.arn.replace("/train/", "/test/")
    datasets = [{"Arn": train.arn}, {"Arn": missing}]
    assert bench.refusal("DistributeDatasetEntries", Datasets=datasets) == (
        "ResourceNotFoundException"
    )
    asked = bench.permissions("DistributeDatasetEntries", Datasets=datasets)
    assert [permission.resource for permission in asked] == [train.arn, missing]
