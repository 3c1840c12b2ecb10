"""Browsers on the live server."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from tests.api.lensmith.test_suggestions import picture
from tests.manifest.lines import image_metadata
from tests.support.artefacts import average_colour
from tests.support.browser_session import BrowserSession
from tests.support.feedback import COLOURS, Feedback, recorded
from tests.support.labelled_dataset import LabelledDataset
from tests.support.live_server import LiveServer

from lensmith.config import Settings

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client


@pytest.fixture(scope="module")
def browser(server: LiveServer) -> BrowserSession:
    return BrowserSession.open(server)


@pytest.fixture
def browser_of(server: LiveServer) -> Callable[..., BrowserSession]:
    """Makes browsers of users that may do the actions named, and nothing else."""

    def make(*actions: str) -> BrowserSession:
        name = f"user-{uuid.uuid4().hex[:8]}"
        statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        server.create_user(name, statement)
        return BrowserSession.open(server, name)

    return make


@pytest.fixture(scope="module")
def console_bucket(browser: BrowserSession) -> str:
    found = browser.get("/_lensmith/setup").json
    if found["bucket"] is None:
        assert browser.post("/_lensmith/setup", {"bucket": found["proposed"]}).status == 200
    name: str = found["proposed"]
    return name


@pytest.fixture(scope="module")
def feedback(
    server: LiveServer,
    rekognition: RekognitionClient,
    browser: BrowserSession,
    s3: S3Client,
    console_bucket: str,
) -> Feedback:
    """Four unlabelled pictures, one that is none, one labelled."""
    bucket = f"feedback-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    for name, colour in COLOURS.items():
        s3.put_object(Bucket=bucket, Key=name, Body=picture(colour))
    s3.put_object(Bucket=bucket, Key="text.png", Body=b"no picture")
    s3.put_object(Bucket=bucket, Key="known.png", Body=picture((10, 10, 250)))
    lines: list[dict[str, Any]] = [
        {"source-ref": f"s3://{bucket}/{name}"} for name in [*COLOURS, "text.png"]
    ]
    known = {"source-ref": f"s3://{bucket}/known.png", "k": 1, "k-metadata": image_metadata()}
    dataset = LabelledDataset.create(rekognition, browser, [*lines, known])
    version = recorded(server, dataset)
    average_colour(Settings(server.home / "data").models_directory / str(version.id))
    return Feedback(dataset, version, bucket)
