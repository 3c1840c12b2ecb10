"""The health routes of a live server, signed by botocore."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from tests.support.eventually import until
from tests.support.gallery import Gallery
from tests.support.live_server import LiveServer

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

Answer = tuple[int, dict[str, Any]]


class Health:
    """The health routes of a server, as one user calls them."""

    def __init__(self, server: LiveServer, user: str = "admin") -> None:
        given = server.exports(user)
        self._endpoint = given["AWS_ENDPOINT_URL_REKOGNITION"]
        self._region = given["AWS_REGION"]
        self._keys = Credentials(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"])

    def call(self, method: str, project: str, *, signed: bool = True) -> Answer:
        """Status and JSON body."""
        url = f"{self._endpoint}/_lensmith/projects/{project}/health"
        request = AWSRequest(method, url, data=b"")
        if signed:
            SigV4Auth(self._keys, "rekognition", self._region).add_auth(request)
        reply = URLLib3Session().send(request.prepare())
        return reply.status_code, json.loads(reply.content)

    def settled(self, project: str) -> dict[str, Any]:
        """The state once no check is under way."""
        status, state = until(
            lambda: self.call("GET", project),
            lambda answer: answer[1].get("status") not in {"queued", "running"},
            "the check did not end",
        )
        assert status == 200
        return state


@pytest.fixture(scope="module")
def health(server: LiveServer) -> Health:
    return Health(server)


@pytest.fixture(scope="module")
def gallery(rekognition: RekognitionClient, s3: S3Client) -> Gallery:
    s3.create_bucket(Bucket="gallery-of-the-api")
    gallery = Gallery(rekognition, s3, "gallery-of-the-api", "gallery-api")
    gallery.open()
    return gallery


@pytest.fixture(scope="module")
def state(health: Health, gallery: Gallery) -> dict[str, Any]:
    """After the first check."""
    assert health.call("GET", gallery.project)[1]["status"] is None
    status, started = health.call("POST", gallery.project)
    assert status == 202
    assert started["status"] in {"queued", "running"}
    assert started["report"] is None
    return health.settled(gallery.project)


def named(state: dict[str, Any], kind: str) -> list[tuple[str | None, str | None, list[str]]]:
    """Source-ref, label and related source-refs of the items of one finding."""
    return [
        (item["source_ref"], item["label"], item["related"])
        for finding in state["report"]["findings"]
        if finding["kind"] == kind
        for item in finding["items"]
    ]


def test_a_check_names_every_entry_in_trouble(state: dict[str, Any], gallery: Gallery) -> None:
    ref = gallery.ref
    assert state["status"] == "succeeded"
    assert named(state, "duplicate-images") == [(ref("same.jpg"), None, [ref("0.jpg")])]
    assert named(state, "near-duplicate-images") == [(ref("smaller.jpg"), None, [ref("1.jpg")])]
    assert named(state, "leaked-images") == [(ref("leaked.jpg"), None, [ref("2.jpg")])]
    assert named(state, "nearly-leaked-images") == [(ref("mirrored.jpg"), None, [ref("3.jpg")])]
    assert named(state, "images-without-labels") == [(ref("13.jpg"), None, [])]
    assert named(state, "entries-with-errors") == [(ref("14.jpg"), None, [])]
    assert {name for name, _, _ in named(state, "unreadable-images")} == {
        ref("gone.jpg"),
        ref("text.jpg"),
    }


def test_a_check_judges_the_labels(state: dict[str, Any], gallery: Gallery) -> None:
    few = named(state, "label-with-few-images")
    assert few == [(None, "rose", [gallery.ref("11.jpg"), gallery.ref("12.jpg")])]
    assert named(state, "label-not-trained") == [(None, "tulip", [gallery.ref("15.jpg")])]
    assert [label["name"] for label in state["report"]["labels"]] == ["daisy", "rose", "tulip"]


def test_a_report_says_what_it_is_about(state: dict[str, Any]) -> None:
    train, test = state["report"]["datasets"]
    assert (train["dataset"], train["entries"], train["images_read"]) == ("TRAIN", 19, 17)
    assert (test["dataset"], test["entries"], test["images_read"]) == ("TEST", 3, 3)
    assert state["is_current"]
    assert state["report"]["findings"][0]["severity"] == "error"
    assert all(finding["advice"] for finding in state["report"]["findings"])


def test_a_report_of_changed_datasets_is_no_longer_current(
    health: Health, rekognition: RekognitionClient, s3: S3Client, bucket: str
) -> None:
    gallery = Gallery(rekognition, s3, bucket, "gallery-changed")
    gallery.open()
    health.call("POST", gallery.project)
    assert health.settled(gallery.project)["is_current"]
    (project,) = rekognition.describe_projects(ProjectNames=[gallery.project])[
        "ProjectDescriptions"
    ]
    arn = next(each["DatasetArn"] for each in project["Datasets"] if each["DatasetType"] == "TEST")
    changes = json.dumps({"source-ref": gallery.ref("9.jpg")}).encode()
    rekognition.update_dataset_entries(DatasetArn=arn, Changes={"GroundTruth": changes})
    until(
        lambda: rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]["Status"],
        lambda status: status != "UPDATE_IN_PROGRESS",
        "the update did not end",
    )

    state = health.call("GET", gallery.project)[1]

    assert not state["is_current"]
    assert state["report"]["datasets"][1]["entries"] == 3


def test_only_who_may_list_the_entries_sees_them(server: LiveServer, gallery: Gallery) -> None:
    statement = {"Effect": "Allow", "Action": "rekognition:Describe*", "Resource": "*"}
    server.create_user("passer-by", statement)
    passer_by = Health(server, "passer-by")
    for method in ("GET", "POST"):
        status, said = passer_by.call(method, gallery.project)
        assert status == 400
        assert said["Code"] == "AccessDeniedException"
        assert "rekognition:ListDatasetEntries" in said["Message"]


def test_an_unsigned_request_is_refused(health: Health, gallery: Gallery) -> None:
    status, said = health.call("GET", gallery.project, signed=False)
    assert status == 400
    assert "MissingAuthenticationToken" in json.dumps(said)


def test_projects_that_cannot_be_checked(health: Health, rekognition: RekognitionClient) -> None:
    assert health.call("POST", "no-such-project")[1]["Code"] == "ResourceNotFoundException"
    rekognition.create_project(ProjectName="gallery-empty")
    assert health.call("POST", "gallery-empty")[1]["Code"] == "InvalidParameterException"
    assert health.call("GET", "gallery-empty")[1]["status"] is None


def test_a_check_and_its_report_survive_a_killed_server(server: LiveServer, bucket: str) -> None:
    Gallery(server.rekognition(), server.s3(), bucket, "gallery-killed").open()
    health = Health(server)
    health.call("POST", "gallery-killed")
    assert server.stop(signal.SIGKILL) == -signal.SIGKILL
    server.start()
    report = health.settled("gallery-killed")["report"]
    assert report["findings"]

    assert server.stop() == 0
    server.start()
    assert health.call("GET", "gallery-killed")[1]["report"] == report
