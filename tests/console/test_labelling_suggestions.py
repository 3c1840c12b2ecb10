"""Suggestions of a model in labelling mode: drafts to review, nothing written before that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.api.lensmith.test_suggestions import picture
from tests.boto3.recorded import record_version
from tests.console.conftest import Watched
from tests.support.artefacts import average_colour
from tests.support.browser_session import BrowserSession
from tests.support.labelled_dataset import LabelledDataset
from tests.support.live_server import LiveServer

from lensmith.config import Settings
from lensmith.domain.project_version import VersionStatus
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

COLOURS = {"red": (250, 10, 10), "dim": (128, 10, 10), "blue": (10, 10, 250)}


@pytest.fixture
def dataset(
    server: LiveServer, rekognition: RekognitionClient, s3: S3Client, bucket: str
) -> LabelledDataset:
    """Three unlabelled pictures, and a model that knows colours."""
    for name, colour in COLOURS.items():
        s3.put_object(Bucket=bucket, Key=f"{name}.png", Body=picture(colour))
    lines: list[dict[str, Any]] = [{"source-ref": f"s3://{bucket}/{name}.png"} for name in COLOURS]
    dataset = LabelledDataset.create(rekognition, BrowserSession.open(server), lines)
    (project,) = rekognition.describe_projects(ProjectNames=[dataset.project])[
        "ProjectDescriptions"
    ]
    settings = Settings(server.home / "data")
    records = Records.of(settings)
    version = record_version(records, project["ProjectArn"], VersionStatus.TRAINING_COMPLETED)
    records.close()
    average_colour(settings.models_directory / str(version.id))
    return dataset


def test_suggestions_are_reviewed_before_they_are_written(
    console: Watched, dataset: LabelledDataset
) -> None:
    page = console.open(f"/projects/{dataset.project}/label/train")
    expect(page.get_by_test_id("tile")).to_have_count(len(COLOURS))
    before = dataset.lines()
    page.get_by_test_id("suggest").click()
    page.get_by_test_id("suggest-start").click()
    page.get_by_text("Suggested (3)").click()
    expect(page.get_by_test_id("tile")).to_have_count(3)
    expect(page.locator(".lab-tile .lab-chip.is-suggested").first).to_be_visible()
    # The most uncertain first.
    expect(page.get_by_test_id("tile").first).to_have_attribute("aria-label", "dim.png, red")
    expect(page.get_by_test_id("unsaved")).to_have_count(0)
    page.get_by_test_id("accept-all").click()
    expect(page.get_by_test_id("unsaved")).to_have_text("3 unsaved")
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("unsaved")).to_have_count(0)
    page.get_by_test_id("tile").first.dblclick()
    page.get_by_test_id("tips-close").click()
    page.get_by_role("button", name="Accept red").click()
    expect(page.get_by_test_id("unsaved")).to_have_text("1 unsaved")
    assert dataset.lines() == before
    page.get_by_test_id("save-changes").click()
    expect(page.get_by_test_id("unsaved")).to_have_count(0)
    assert dataset.image("dim")["image_labels"] == ["red"]
    assert dataset.image("red")["image_labels"] == []
