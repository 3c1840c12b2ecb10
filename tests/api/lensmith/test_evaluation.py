"""The evaluation routes of a live server, over versions whose evaluation is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.datastructures import QueryParams
from tests.support.evaluated import Evaluated, evaluated_boards, evaluated_flowers
from tests.support.live_server import LiveServer
from tests.support.planted_version import PlantedVersion, plant
from tests.support.signed_caller import SignedCaller

from lensmith.api.lensmith.evaluation import image_query
from lensmith.domain.errors import InvalidParameterException
from lensmith.domain.project_version import VersionStatus
from lensmith.training.job.evaluation_files import ImageQuery

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient


@pytest.fixture(scope="module")
def caller(server: LiveServer) -> SignedCaller:
    return SignedCaller(server)


@pytest.fixture(scope="module")
def flowers(server: LiveServer) -> PlantedVersion:
    return plant(server, evaluated_flowers())


def numbers(page: dict[str, Any]) -> list[str]:
    return [Path(image["source_ref"]).stem for image in page["images"]]


def test_the_report(server: LiveServer, caller: SignedCaller, flowers: PlantedVersion) -> None:
    report = caller.call("GET", f"{flowers.path}/evaluation")
    assert report["f1_score"] == pytest.approx(0.8)
    assert [each["label"] for each in report["labels"]] == ["daisy", "poppy", "tulip"]
    curve = report["labels"][0]["curve"]
    assert len(curve["thresholds"]) == len(curve["precision"]) == len(curve["f1_score"])
    assert sum(each["count"] for each in report["calibration"]["bins"]) == 7


def test_of_a_detector(server: LiveServer, caller: SignedCaller) -> None:
    boards = plant(server, evaluated_boards())
    report = caller.call("GET", f"{boards.path}/evaluation")
    assert report["confusion"]["counts"] == [[1, 1], [0, 2]]
    assert report["detection"]["average_precision_50_95"] == report["average_precision"]
    (worst, *_) = caller.call("GET", f"{boards.path}/evaluation/images")["images"]
    assert worst["results"][2]["outcome"] == "false-negative"
    assert worst["results"][2]["box"]["left"] == 0.1


def test_images_by_page_and_filter(caller: SignedCaller, flowers: PlantedVersion) -> None:
    path = f"{flowers.path}/evaluation/images"
    everything = caller.call("GET", path)
    assert everything["total"] == 7
    assert numbers(everything)[:2] == ["6", "1"]
    second = caller.call("GET", f"{path}?limit=3&offset=3")
    assert (second["total"], numbers(second)) == (7, numbers(everything)[3:6])
    assert numbers(caller.call("GET", f"{path}?order=manifest")) == list("0123456")
    wrong = caller.call("GET", f"{path}?outcome=false-positive&label=daisy&label=tulip")
    assert (wrong["total"], numbers(wrong)) == (1, ["6"])
    assert numbers(caller.call("GET", f"{path}?name=test%2F3.jpg")) == ["3"]
    refused = caller.call("GET", f"{path}?limit=0")
    assert refused["Code"] == "InvalidParameterException"


def test_a_cell_of_the_confusion_matrix_is_exactly_its_images(
    server: LiveServer, caller: SignedCaller, flowers: PlantedVersion
) -> None:
    report = caller.call("GET", f"{flowers.path}/evaluation")
    names = [each["label"] for each in report["labels"]]
    path = f"{flowers.path}/evaluation/images"
    for truth, row in zip(names, report["confusion"]["counts"], strict=True):
        for predicted, count in zip(names, row, strict=True):
            cell = caller.call("GET", f"{path}?truth={truth}&predicted={predicted}")
            assert cell["total"] == count
    assert caller.call("GET", f"{path}?truth=daisy")["total"] == 2
    boards = plant(server, evaluated_boards())
    path = f"{boards.path}/evaluation/images"
    wrong = caller.call("GET", f"{path}?truth=chip&predicted=lamp")
    assert numbers(wrong) == ["1"]
    assert caller.call("GET", f"{path}?truth=chip&unmatched=true")["total"] == 0
    assert caller.call("GET", f"{path}?predicted=lamp")["total"] == 2
    refused = caller.call("GET", f"{path}?unmatched=perhaps")
    assert refused["Code"] == "InvalidParameterException"


def test_the_curve_counts_predictions(caller: SignedCaller, flowers: PlantedVersion) -> None:
    (daisy, *_) = caller.call("GET", f"{flowers.path}/evaluation")["labels"]
    at = daisy["curve"]["thresholds"].index(0.3)
    assert daisy["curve"]["passed"][at] == daisy["true_positives"] + daisy["false_positives"]


def test_a_comparison_of_versions(
    server: LiveServer, caller: SignedCaller, flowers: PlantedVersion
) -> None:
    same = caller.call("GET", f"{flowers.path}/compare?with=v1")
    assert (same["same_test_set"], same["shared_images"]) == (True, 7)
    assert same["fixed"] == same["broken"] == []
    missing = caller.call("GET", f"{flowers.path}/compare?with=v9")
    assert missing["Code"] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("evaluated", "status", "reason"),
    [
        (None, VersionStatus.TRAINING_COMPLETED, "Train a new version"),
        (evaluated_flowers(), VersionStatus.TRAINING_FAILED, "in state TRAINING_FAILED"),
    ],
)
def test_versions_without_a_report_say_why(
    server: LiveServer,
    caller: SignedCaller,
    evaluated: Evaluated | None,
    status: VersionStatus,
    reason: str,
) -> None:
    version = plant(server, evaluated, status)
    for route in ("evaluation", "evaluation/images"):
        said = caller.call("GET", f"{version.path}/{route}")
        assert said["Code"] == "ResourceNotReadyException"
        assert reason in said["Message"]


def test_versions_that_do_not_exist(caller: SignedCaller, flowers: PlantedVersion) -> None:
    for path in (f"/_lensmith/projects/{flowers.project}/versions/v2", "/_lensmith/projects/none"):
        status, body = caller.send("GET", f"{path}/evaluation")
        assert status in {400, 404}
        assert b"f1_score" not in body


def test_it_goes_with_its_version(
    server: LiveServer, caller: SignedCaller, rekognition: RekognitionClient
) -> None:
    planted = plant(server, evaluated_flowers())
    rekognition.delete_project_version(ProjectVersionArn=planted.version.arn)
    said = caller.call("GET", f"{planted.path}/evaluation")
    assert said["Code"] in {"ResourceNotFoundException", "ResourceNotReadyException"}


def test_images_need_the_right_to_read_the_snapshot(
    server: LiveServer, flowers: PlantedVersion
) -> None:
    describe = ("rekognition:DescribeProjectVersions", flowers.project_arn)
    key = f"run/TestingGroundTruth-{flowers.project}-v1.json"
    snapshot = ("s3:GetObject", f"arn:aws:s3:::results/{key}")
    for name, rights, expected in (
        ("describer", [describe], (200, 400)),
        ("reader", [describe, snapshot], (200, 200)),
    ):
        statements = [
            {"Effect": "Allow", "Action": action, "Resource": resource}
            for action, resource in rights
        ]
        server.create_user(f"evaluation-{name}", *statements)
        user = SignedCaller(server, f"evaluation-{name}")
        routes = ("evaluation", "evaluation/images")
        answers = tuple(user.send("GET", f"{flowers.path}/{route}") for route in routes)
        assert tuple(status for status, _ in answers) == expected
        assert all(b"AccessDenied" in body for status, body in answers if status == 400)


def test_unsigned_requests_are_refused(caller: SignedCaller, flowers: PlantedVersion) -> None:
    for route in ("evaluation", "evaluation/images"):
        said = caller.call("GET", f"{flowers.path}/{route}", signed=False)
        assert "MissingAuthenticationToken" in json.dumps(said)


def test_parameters_of_a_query() -> None:
    given = QueryParams("label=a&label=b&outcome=false-negative&name=x&offset=5&limit=500")
    assert image_query(given) == ImageQuery(
        frozenset("ab"), frozenset({"false-negative"}), "x", offset=5, limit=500
    )
    assert image_query(QueryParams("")) == ImageQuery()


@pytest.mark.parametrize(
    "wrong",
    [
        "limit=501",
        "limit=-1",
        "limit=ten",
        "limit=%C2%B2",
        "offset=99999999999",
        "order=best",
        "outcome=true-negative",
        "labels=a",
    ],
)
def test_other_parameters_are_refused(wrong: str) -> None:
    with pytest.raises(InvalidParameterException):
        image_query(QueryParams(wrong))
