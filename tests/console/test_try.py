"""Trying models in a browser (console.md, acceptance 47 and section 4.3)."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect
from tests.boto3.conftest import install_version, picture, unused_name
from tests.console.axe import expect_accessible
from tests.console.conftest import Watched
from tests.support.eventually import until
from tests.support.live_server import LiveServer

from lensmith.config import Settings
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

PASTE = """([base64]) => {
  const bytes = Uint8Array.from(atob(base64), (c) => c.codePointAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], "pasted.png", { type: "image/png" }));
  document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
}"""


@pytest.fixture(scope="module")
def two_models(server: LiveServer, rekognition: RekognitionClient) -> Iterator[str]:
    """Two versions of one project, running; the project's name."""
    project = unused_name()
    arn = rekognition.create_project(ProjectName=project)["ProjectArn"]
    records = Records.of(Settings(server.home / "data"))
    try:
        arns = [install_version(server, records, arn, name) for name in ("v1", "v2")]
    finally:
        records.close()
    for each in arns:
        rekognition.start_project_version(ProjectVersionArn=each, MinInferenceUnits=1)

    def statuses() -> set[str]:
        found = rekognition.describe_project_versions(ProjectArn=arn)["ProjectVersionDescriptions"]
        return {version["Status"] for version in found}

    until(lambda: statuses() == {"RUNNING"}, message="not running")
    yield project
    for each in arns:
        rekognition.stop_project_version(ProjectVersionArn=each)


def saved(page: Page, test_id: str, path: Path) -> bytes:
    with page.expect_download() as download:
        page.get_by_test_id(test_id).click()
    download.value.save_as(path)
    return path.read_bytes()


def test_47_two_models_look_at_pictures_from_everywhere(
    console: Watched, two_models: str, s3: S3Client, bucket: str, tmp_path: Path
) -> None:
    s3.put_object(Bucket=bucket, Key="try/stored.jpg", Body=picture("JPEG"))
    page = console.open(f"/try?project={two_models}")
    expect(page.get_by_test_id("try-model")).to_contain_text(two_models)
    page.get_by_test_id("try-second").click()
    page.get_by_role("option", name=two_models).first.click()
    answers, heading = page.get_by_test_id("answer"), page.get_by_test_id("tried")

    files: list[FilePayload] = [
        {"name": f"{name}.png", "mimeType": "image/png", "buffer": picture("PNG")} for name in "ab"
    ]
    page.locator("input[type=file]").set_input_files(files)
    expect(heading).to_contain_text("b.png")
    expect(answers).to_have_count(2)
    for at in range(2):
        expect(answers.nth(at)).to_contain_text("red")
        expect(answers.nth(at)).to_contain_text("Answered in")
    page.get_by_role("button", name="Show a.png").click()
    expect(heading).to_contain_text("a.png")

    page.evaluate(PASTE, [base64.b64encode(picture("PNG")).decode()])
    expect(heading).to_contain_text("pasted.png")
    page.get_by_test_id("try-camera").click()
    page.get_by_test_id("take-picture").click()
    expect(page.get_by_text("1 picture taken.")).to_be_visible()
    page.get_by_role("dialog").get_by_text("Close", exact=True).click()
    expect(heading).to_contain_text("camera-1.jpg")
    page.get_by_placeholder("s3://").fill(f"s3://{bucket}/try/stored.jpg")
    page.get_by_test_id("try-object").click()
    expect(heading).to_contain_text("stored.jpg")

    large = io.BytesIO()
    Image.new("RGB", (1300, 1300), (204, 153, 0)).save(large, "PNG", compress_level=0)
    given: FilePayload = {"name": "large.png", "mimeType": "image/png", "buffer": large.getvalue()}
    page.locator("input[type=file]").set_input_files([given])
    expect(page.get_by_text("large.png has")).to_be_visible()
    page.get_by_role("button", name="Send through the storage").click()
    expect(heading).to_contain_text("large.png")
    expect(answers.first).to_contain_text("red")
    page.get_by_role("button", name="Show stored.jpg").click()

    labels = page.get_by_test_id("tried-labels").first
    expect(labels.locator("tbody tr")).to_have_count(2)  # red 80 %, green 60 %: at its threshold
    page.get_by_test_id("try-assumed").locator("input").uncheck()
    slider = page.get_by_role("slider", name="Minimum confidence")
    slider.focus()
    for _ in range(15):
        slider.press("ArrowRight")
    expect(labels.locator("tbody tr")).to_have_count(1)

    results = json.loads(saved(page, "try-json", tmp_path / "results.json"))
    assert [one["picture"] for one in results] == [
        "large.png",
        "stored.jpg",
        "camera-1.jpg",
        "pasted.png",
        "b.png",
        "a.png",
    ]
    assert all(len(one["answers"]) == 2 for one in results)
    rows = list(csv.DictReader(io.StringIO(saved(page, "try-csv", tmp_path / "r.csv").decode())))
    assert {"picture": "a.png", "label": "red"}.items() <= rows[-3].items()
    expect_accessible(page)
    annotated = Image.open(io.BytesIO(saved(page, "try-png", tmp_path / "a.png")))
    assert annotated.format == "PNG"
    assert annotated.width > 2 * 64  # both models' pictures beside each other

    page.get_by_test_id("try-feedback").click()
    expect(page.get_by_test_id("review-project")).to_contain_text(two_models)
    uploads = re.compile("^s3://custom-labels-console-.*/feedback/uploads/")
    expect(page.get_by_test_id("review-uri").locator("input")).to_have_value(uploads)
    page.get_by_text("All", exact=True).click()
    page.get_by_test_id("begin-review").click()
    expect(page.get_by_test_id("count-pending")).to_have_text("6", timeout=60_000)


def test_a_folder_is_analysed_whatever_becomes_of_the_page(
    console: Watched, two_models: str, s3: S3Client, bucket: str
) -> None:
    for number in range(12):
        s3.put_object(Bucket=bucket, Key=f"folder/{number}.png", Body=picture("PNG"))
    s3.put_object(Bucket=bucket, Key="folder/text.png", Body=b"no picture")
    page = console.open(f"/try?project={two_models}&version=v1&tab=folder")
    page.get_by_test_id("folder-uri").locator("input").fill("no address")
    page.get_by_test_id("analyze-folder").click()
    expect(page.get_by_text("Write s3://bucket/folder/.")).to_be_visible()
    page.get_by_test_id("folder-uri").locator("input").fill(f"s3://{bucket}/folder/")
    page.get_by_test_id("analyze-folder").click()
    analysis = page.get_by_test_id("analysis")
    expect(analysis).to_contain_text(f"s3://{bucket}/folder/")
    page.reload()
    expect(analysis).to_contain_text("Completed")
    expect(analysis).to_contain_text("13 pictures, 24 detections. red: 12, green: 12")
    expect(analysis).to_contain_text("text.png (InvalidImageFormatException)")
    expect_accessible(page)
    analysis.get_by_role("link", name="results.manifest").click()
    for name in ("results.jsonl", "results.csv", "results.manifest"):
        expect(page.get_by_text(name)).to_be_visible()


def test_a_video_has_a_timeline(console: Watched, two_models: str, tmp_path: Path) -> None:
    clip = tmp_path / "clip.webm"
    red, grey = (np.full((64, 96, 3), colour, np.uint8) for colour in ((230, 20, 20), (20, 20, 20)))
    write_video(clip, [red] * 20 + [grey] * 20)
    page = console.open(f"/try?project={two_models}&tab=video")
    page.locator("input[type=file]").set_input_files(clip)
    expect(page.get_by_test_id("video-run")).to_be_enabled()
    page.get_by_test_id("video-run").click()
    timeline = page.get_by_test_id("timeline")
    expect(page.get_by_text("4 frames, ")).to_be_visible()
    expect(timeline.get_by_role("button", name="red, 0:00 to 0:02")).to_be_visible()
    expect(timeline.get_by_role("button")).to_have_count(1)
    expect_accessible(page)
    rows = saved(page, "video-csv", tmp_path / "clip.csv").decode().splitlines()
    assert rows[1].startswith("clip.webm,0,")


def write_video(path: Path, frames: list[np.ndarray]) -> None:
    """Ten frames a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx", rate=10)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(stream.encode())
