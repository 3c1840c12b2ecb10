"""Using a model in a browser (console.md, acceptance 45 to 47 and 49)."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect
from tests.boto3.conftest import install_version, picture, unused_name
from tests.console.axe import expect_accessible
from tests.console.conftest import Watched
from tests.support.live_server import BIN, LiveServer

from lensmith.config import Settings
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

STARTED_MS = 90_000
NODE_MODULES = Path(__file__).parents[2] / "console" / "node_modules"
HAS_SDK = "CI" in os.environ or (NODE_MODULES / "@aws-sdk" / "client-rekognition").is_dir()


@pytest.fixture
def model(server: LiveServer, rekognition: RekognitionClient) -> tuple[str, str]:
    """A trained version: its project and its ARN."""
    project = unused_name()
    arn = rekognition.create_project(ProjectName=project)["ProjectArn"]
    records = Records.of(Settings(server.home / "data"))
    try:
        return project, install_version(server, records, arn)
    finally:
        records.close()


def address(arn: str) -> str:
    _, project, _, version, _ = arn.rsplit(":", 1)[-1].split("/")
    return f"/projects/{project}/models/{version}"


def code(page: Page, block: str) -> str:
    return page.get_by_test_id(f"code-{block}").locator("pre").inner_text()


def run(command: list[str], env: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    path = {"PATH": f"{BIN}:/usr/bin:/bin"}
    return subprocess.run(
        command, env={**env, **path}, cwd=folder, capture_output=True, text=True, check=False
    )


def test_45_46_47_start_call_as_pasted_try_and_stop(
    console: Watched,
    model: tuple[str, str],
    lensmith_env: dict[str, str],
    rekognition: RekognitionClient,
    tmp_path: Path,
) -> None:
    _, arn = model
    (tmp_path / "PATH_TO_MY_IMAGE").write_bytes(picture("JPEG"))
    page = console.open(f"{address(arn)}?tab=use")
    while_stopped = run(["bash", "-c", code(page, "bytes")], lensmith_env, tmp_path)
    assert "ResourceNotReadyException" in while_stopped.stderr
    page.get_by_test_id("start-model").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("stop-model")).to_be_enabled(timeout=STARTED_MS)
    expect(page.get_by_test_id("units").get_by_role("button")).to_be_disabled()
    expect(page.get_by_text("Units in service", exact=True)).to_be_visible()
    pasted = run(["bash", "-c", code(page, "bytes")], lensmith_env, tmp_path)
    assert json.loads(pasted.stdout)["CustomLabels"][0]["Name"] == "red", pasted.stderr
    page.get_by_role("tab", name="Python").click()
    pasted = run([str(BIN / "python"), "-c", code(page, "bytes")], lensmith_env, tmp_path)
    assert pasted.stdout.startswith("red "), pasted.stderr
    page.get_by_role("tab", name="curl").click()
    pasted = run(["bash", "-c", code(page, "bytes")], lensmith_env, tmp_path)
    assert json.loads(pasted.stdout)["CustomLabels"][0]["Name"] == "red", pasted.stderr

    page.get_by_role("tab", name="JavaScript").click()
    if HAS_SDK:
        (tmp_path / "node_modules").symlink_to(NODE_MODULES)
        (tmp_path / "bytes.mjs").write_text(code(page, "bytes"))
        pasted = run(["node", "bytes.mjs"], lensmith_env, tmp_path)
        assert "Name: 'red'" in pasted.stdout, pasted.stderr
    live = page.get_by_test_id("live-requests")
    expect(live).to_contain_text(f"({4 if HAS_SDK else 3} in the last 5 minutes)")
    expect(live).to_contain_text("ms on average")
    activity = page.get_by_test_id("activity")
    expect(activity).to_contain_text("Requests by time")

    expect_accessible(page)
    with page.expect_download() as download:
        page.get_by_test_id("export-model").click()
    assert zipfile.ZipFile(download.value.path()).testzip() is None

    page.get_by_role("link", name="Try it").click()
    upload = page.locator("input[type=file]")
    upload.set_input_files({"name": "a.bmp", "mimeType": "image/bmp", "buffer": b"BM" + bytes(60)})
    expect(page.get_by_text("a.bmp is neither JPEG nor PNG.")).to_be_visible()
    upload.set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture("JPEG")})
    labels = page.get_by_test_id("tried-labels")
    expect(labels).to_contain_text("red")
    expect(page.get_by_text("Answered in")).to_be_visible()

    page.goto(f"{console.url}{address(arn)}?tab=use")
    page.get_by_test_id("stop-model").click()
    expect(page.get_by_test_id("confirm")).to_be_disabled()
    page.get_by_role("dialog").get_by_role("textbox").fill("stop")
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("start-model")).to_be_enabled(timeout=STARTED_MS)


def test_49_tags_are_added_changed_and_removed(
    console: Watched, model: tuple[str, str], rekognition: RekognitionClient
) -> None:
    _, arn = model
    rekognition.tag_resource(ResourceArn=arn, Tags={"old": "1", "team": "a"})
    page = console.open(f"{address(arn)}?tab=tags")
    expect(page.get_by_text("team")).to_be_visible()
    page.get_by_test_id("manage-tags").click()
    inputs = page.locator("form input")  # key, value, key, value
    inputs.nth(3).fill("b")
    page.get_by_role("button", name="Remove").first.click()
    expect(inputs).to_have_count(2)
    page.get_by_role("button", name="Add new tag").click()
    expect(inputs).to_have_count(4)
    inputs.nth(2).fill("stage")
    inputs.nth(3).fill("live")
    page.get_by_test_id("save-tags").click()
    expect(page.get_by_text("The tags are saved.")).to_be_visible()
    tags = rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert tags == {"team": "b", "stage": "live"}
