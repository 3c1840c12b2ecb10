"""`lensmith health` against a live server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.support.command import Done, lensmith
from tests.support.gallery import Gallery
from tests.support.live_server import LiveServer

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client


def health(server: LiveServer, *arguments: str, **variables: str) -> Done:
    return lensmith({**server.environment(), **variables}, "health", *arguments)


@pytest.fixture(scope="module")
def gallery(rekognition: RekognitionClient, s3: S3Client) -> Gallery:
    s3.create_bucket(Bucket="gallery-of-the-cli")
    gallery = Gallery(rekognition, s3, "gallery-of-the-cli", "gallery-cli")
    gallery.open()
    return gallery


def test_the_last_report_of_a_project_that_was_never_checked(
    server: LiveServer, rekognition: RekognitionClient
) -> None:
    rekognition.create_project(ProjectName="gallery-unchecked")
    done = health(server, "gallery-unchecked", "--last")
    assert done.returncode == 1
    assert "has not been checked yet" in done.stderr


def test_prints_findings_with_advice_and_entries(server: LiveServer, gallery: Gallery) -> None:
    done = health(server, gallery.project, COLUMNS="200")
    assert done.returncode == 0, done.stderr
    assert "leaked images" in done.stdout
    assert f"{gallery.ref('leaked.jpg')} = {gallery.ref('2.jpg')} (same file)" in done.stdout
    assert "Remove it from one of them." in done.stdout
    assert "TRAIN rose (2 images)" in done.stdout
    narrow = health(server, gallery.project, "--last", "--examples", "1", COLUMNS="80").stdout
    assert max(len(line) for line in narrow.splitlines()) <= 80
    assert "and 1 more" in narrow  # of two images that cannot be read


def test_json_is_the_report_and_strict_is_an_exit_status(
    server: LiveServer, gallery: Gallery
) -> None:
    done = health(server, gallery.project, "--json", "--strict")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    kinds = [finding["kind"] for finding in report["findings"]]
    assert "nearly-leaked-images" in kinds
    again = health(server, gallery.project, "--json", "--last")
    assert again.returncode == 0
    assert json.loads(again.stdout) == report


def test_names_what_is_wrong_in_one_sentence(server: LiveServer, gallery: Gallery) -> None:
    unknown = health(server, "no-such-project")
    assert unknown.returncode == 1
    assert unknown.stderr.startswith("lensmith: ")
    assert "Traceback" not in unknown.stderr
    elsewhere = health(
        server,
        gallery.project,
        AWS_ENDPOINT_URL_REKOGNITION="https://rekognition.us-east-1.amazonaws.com",
    )
    assert "no Lensmith server" in elsewhere.stderr
    nowhere = health(server, gallery.project, AWS_ENDPOINT_URL_REKOGNITION="http://127.0.0.1:9")
    assert "Is the server running?" in nowhere.stderr
