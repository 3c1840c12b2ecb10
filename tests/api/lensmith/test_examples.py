"""Example projects through the console's route, with the real store and the real worker."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.support.browser_session import BrowserSession
from tests.support.eventually import until
from tests.support.labelled_dataset import LabelledDataset, finished

from lensmith.examples.example_project import CIRCUIT_BOARDS, EXAMPLES, SPLITS

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

NAME = CIRCUIT_BOARDS.name
PATH = f"/_lensmith/examples/{NAME}"


def create(browser: BrowserSession) -> dict[str, Any]:
    started = browser.post(PATH, {})
    assert started.status == 202, started.body
    task = finished(browser, started.json["task"])
    assert task["state"] == "completed", task
    result: dict[str, Any] = task["result"]
    assert result["project"] == started.json["project"]
    return result


def project_names(rekognition: RekognitionClient) -> set[str]:
    pages = rekognition.get_paginator("describe_projects").paginate()
    arns = [each["ProjectArn"] for page in pages for each in page["ProjectDescriptions"]]
    return {arn.split("/")[1] for arn in arns}


def test_an_example_is_labelled_whole_and_the_next_has_another_number(
    rekognition: RekognitionClient, s3: S3Client, browser: BrowserSession
) -> None:
    first, second = create(browser), create(browser)
    assert first["project"] != second["project"]
    for created in (first, second):
        assert created["images"] == {s: len(CIRCUIT_BOARDS.annotations(s)) for s in SPLITS}
    (project,) = rekognition.describe_projects(ProjectNames=[second["project"]])[
        "ProjectDescriptions"
    ]
    for listed in project["Datasets"]:
        split, arn = listed["DatasetType"].lower(), listed["DatasetArn"]
        dataset = LabelledDataset(rekognition, browser, second["project"], arn, split)
        stats = dataset.described()["DatasetStats"]
        assert stats["LabeledEntries"] == stats["TotalEntries"]
        assert stats["ErrorEntries"] == 0
        shown = {line["source-ref"].rpartition("/")[2]: line for line in dataset.lines()}
        for name, annotation in CIRCUIT_BOARDS.annotations(split).items():
            line = shown[name]
            names = line["bounding-box-metadata"]["class-map"]
            found = Counter(names[str(b["class_id"])] for b in line["bounding-box"]["annotations"])
            assert found == Counter(box.label for box in annotation.boxes)
            assert f"/assets/{second['project']}_" in line["source-ref"]
    bucket, _, key = created["sample"].removeprefix("s3://").partition("/")
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    assert body == CIRCUIT_BOARDS.sample.read_bytes()


def test_an_example_that_does_not_exist_is_named(browser: BrowserSession) -> None:
    answer = browser.post("/_lensmith/examples/cats", {})
    assert answer.code == "ResourceNotFoundException"
    assert ", ".join(EXAMPLES) in json.dumps(answer.json)


def test_a_cancelled_example_leaves_nothing(
    rekognition: RekognitionClient, browser: BrowserSession
) -> None:
    started = browser.post(PATH, {})
    browser.delete(f"/_lensmith/tasks/{started.json['task']}")
    task = finished(browser, started.json["task"])
    assert task["state"] in {"cancelled", "completed"}
    if task["state"] == "cancelled":
        until(lambda: started.json["project"] not in project_names(rekognition))


def test_an_example_needs_the_rights_of_its_steps(
    rekognition: RekognitionClient, browser_of: Callable[..., BrowserSession]
) -> None:
    before = project_names(rekognition)
    for actions in (["rekognition:*"], ["rekognition:CreateProject", "s3:*"]):
        assert browser_of(*actions).post(PATH, {}).code == "AccessDeniedException"
    # It may begin, but not describe what it makes: a step is refused, and all is deleted.
    allowed = ("rekognition:CreateProject", "rekognition:CreateDataset", "s3:*")
    half = browser_of(*allowed)
    task = finished(half, half.post(PATH, {}).json["task"])
    assert task["state"] == "failed"
    assert "not authorized" in task["error"]["message"]
    until(lambda: project_names(rekognition) == before)
