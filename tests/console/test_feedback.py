"""Tutorials and feedback in a browser (console.md, S3, section 4.2, acceptance 48).

One project goes the whole way: its training fails as the tutorial wants, is mended, its model is
called as pasted, its predictions are verified, and the next version learns from them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Route, expect
from tests.api.lensmith.test_suggestions import picture
from tests.boto3.recorded import record_version
from tests.console.axe import expect_accessible
from tests.console.conftest import Watched
from tests.console.tutorial import commands, terminal, ticked
from tests.support.artefacts import average_colour
from tests.support.eventually import until
from tests.support.live_server import LiveServer

from lensmith.config import Settings
from lensmith.domain.project_version import ResultFile, VersionStatus
from lensmith.store.records import project_versions
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

PROJECT = "tutorial-failed"
TRAINED_MS = 600_000


@pytest.fixture(name="server", scope="module")
def server_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Its trainings take seconds, fewer than the tag of a budget may request."""
    given = {
        "LENSMITH_TRAINING_BUDGET": "3",
        "LENSMITH_TRAINING_THREADS": "1",
        "LENSMITH_PRECISION": "float32",
    }
    live = LiveServer(tmp_path_factory.mktemp("feedback"), given=given)
    live.start()
    yield live
    assert live.stop() == 0, live.log.read_text()


@pytest.fixture(name="lensmith_env", scope="module")
def lensmith_env_fixture(server: LiveServer) -> dict[str, str]:
    return server.environment()


@pytest.fixture(name="rekognition", scope="module")
def rekognition_fixture(server: LiveServer) -> RekognitionClient:
    return server.rekognition()


@pytest.fixture(name="s3", scope="module")
def s3_fixture(server: LiveServer) -> S3Client:
    return server.s3()


def project_arn(rekognition: RekognitionClient) -> str:
    (found,) = rekognition.describe_projects(ProjectNames=[PROJECT])["ProjectDescriptions"]
    return found["ProjectArn"]


def plant(server: LiveServer, arn: str) -> None:
    """A version whose model knows colours, as a training of hours would leave it."""
    settings = Settings(server.home / "data")
    records = Records.open(settings.records_location)
    version = record_version(records, arn, VersionStatus.TRAINING_COMPLETED, "second")
    summary = ResultFile.EVALUATION_SUMMARY
    with records.write() as connection:
        project_versions.finish_training(
            connection,
            version.id,
            VersionStatus.TRAINING_COMPLETED,
            "As the test wants.",
            result_files={summary.value: summary.key("", PROJECT, "second")},
            f1_score=0.8,
        )
    records.close()
    average_colour(settings.models_directory / str(version.id))


def train(rekognition: RekognitionClient, bucket: str, name: str) -> str:
    arn = rekognition.create_project_version(
        ProjectArn=project_arn(rekognition),
        VersionName=name,
        OutputConfig={"S3Bucket": bucket, "S3KeyPrefix": "tutorials/"},
    )["ProjectVersionArn"]

    def status() -> str:
        (found,) = rekognition.describe_project_versions(
            ProjectArn=project_arn(rekognition), VersionNames=[name]
        )["ProjectVersionDescriptions"]
        return found["Status"]

    until(status, lambda it: it == "TRAINING_COMPLETED", timeout=TRAINED_MS / 1000)
    return arn


def test_tutorials_tick_what_the_server_has(
    console: Watched,
    server: LiveServer,
    rekognition: RekognitionClient,
    lensmith_env: dict[str, str],
    tmp_path: Path,
) -> None:
    page = console.open("/tutorials")
    for tutorial in ("classify", "multi", "boxes", "logos", "call", "failed"):
        expect(page.get_by_test_id(f"tutorial-{tutorial}")).to_be_visible()
    paste = terminal(lensmith_env, tmp_path)
    paste("lensmith configure")

    page.get_by_test_id("tutorial-failed").click()
    expect(page.get_by_test_id("tutorial-count")).to_have_text("0 of 5 steps")
    for text in commands(page, "break"):
        paste(text)
    expect(ticked(page, "break")).to_be_visible()
    expect(ticked(page, "fail")).to_be_visible(timeout=TRAINED_MS)
    page.get_by_test_id("go-fail").click()
    expect(page.get_by_text("TOO_FEW_LABELS").first).to_be_visible()

    arn = rekognition.describe_projects(ProjectNames=[PROJECT])["ProjectDescriptions"][0]
    (dataset,) = arn["Datasets"]
    entries = rekognition.list_dataset_entries(DatasetArn=dataset["DatasetArn"], MaxResults=100)
    lines = [json.loads(entry) for entry in entries["DatasetEntries"]]
    changed = [blue(line) for line in lines if "/blue-" in line["source-ref"]]
    body = b"".join(json.dumps(line).encode() + b"\n" for line in changed)
    rekognition.update_dataset_entries(
        DatasetArn=dataset["DatasetArn"], Changes={"GroundTruth": body}
    )
    page.goto(f"{console.url}/tutorials/failed")
    expect(ticked(page, "mend")).to_be_visible()
    plant(server, project_arn(rekognition))
    expect(ticked(page, "works")).to_be_visible()
    expect(page.get_by_test_id("tutorial-count")).to_have_text("Complete")

    page.goto(f"{console.url}/tutorials/call?project={PROJECT}")
    expect(ticked(page, "model")).to_be_visible()
    expect(ticked(page, "start")).to_have_count(0)
    said = {step: [paste(text) for text in commands(page, step)] for step in STEPS[:4]}
    expect(ticked(page, "start")).to_be_visible()
    assert '"LabelName": "blue"' in said["profile"][0]
    assert all("CustomLabels" in answer for answer in said["cli"])
    assert re.search(r"^(red|blue) \d", said["python"][0], re.MULTILINE)
    for step in ("cli", "python"):
        expect(ticked(page, step)).to_be_visible()
    for text in commands(page, "stop"):
        paste(text)
    expect(ticked(page, "stop")).to_be_visible()


STEPS = ("profile", "start", "cli", "python", "stop")


def blue(line: dict[str, Any]) -> dict[str, Any]:
    metadata = {**line["red-metadata"], "class-name": "blue"}
    return {"source-ref": line["source-ref"], "blue": 1, "blue-metadata": metadata}


@pytest.mark.timeout(900)  # with a real training, on two cores that others use, too
def test_48_verified_predictions_train_the_next_version(
    console: Watched, rekognition: RekognitionClient, s3: S3Client, bucket: str
) -> None:
    for number in range(50):
        shade = (200 - number, 40 + number, 40) if number % 2 else (40, 60, 200 + number)
        s3.put_object(Bucket=bucket, Key=f"new/{number:02}.png", Body=picture(shade))

    page = console.open(f"/feedback/start?project={PROJECT}&source=prefix")
    expect(page.get_by_test_id("review-project")).to_contain_text(PROJECT)
    page.get_by_test_id("review-uri").locator("input").fill(f"s3://{bucket}/new/")
    page.get_by_text("All", exact=True).click()
    page.get_by_test_id("begin-review").click()
    expect(page.get_by_test_id("count-pending")).to_have_text("50", timeout=60_000)
    expect(page.get_by_test_id("cancel-review")).to_have_count(0)
    page.reload()  # pictures came in while the model predicted

    # 8 get another label, 2 are rejected, the rest is confirmed page by page.
    tiles = page.get_by_test_id("review-tile")
    expect(tiles).to_have_count(24)
    expect_accessible(page)
    for number in range(8):
        tiles.nth(number).get_by_role("checkbox").press("2")  # green
    for number in (8, 9):
        tiles.nth(number).get_by_role("checkbox").press("x")
    # A look at the result, or a reload, leaves them.
    page.get_by_role("tab", name="Result").click()
    page.get_by_role("tab", name="Review", exact=True).click()
    expect(page.locator("[data-verdict=rejected]")).to_have_count(2)
    page.reload()
    expect(page.locator("[data-verdict=rejected]")).to_have_count(2)
    tiles.nth(9).get_by_role("checkbox").press("Enter")
    expect(page.get_by_test_id("count-pending")).to_have_text("26")
    for left in ("2", "0"):
        expect(tiles).to_have_count(24 if left == "2" else 2)
        page.get_by_test_id("confirm-page").click()
        expect(page.get_by_test_id("count-pending")).to_have_text(left)
    expect(page.get_by_test_id("count-confirmed")).to_have_text("40")
    expect(page.get_by_test_id("count-corrected")).to_have_text("8")
    expect(page.get_by_test_id("count-rejected")).to_have_text("2")

    page.get_by_role("tab", name="Result").click()
    expect(page.get_by_role("row", name=re.compile("^blue"))).to_contain_text("%")
    page.get_by_test_id("write-manifest").click()
    expect(page.get_by_text("The manifest has 48 lines")).to_be_visible(timeout=60_000)
    result = page.url
    expect_accessible(page)
    page.get_by_text("New project", exact=True).click()
    page.get_by_role("textbox", name="Project name").fill(f"{PROJECT}-verified")
    page.get_by_test_id("add-lines").click()
    expect(page).to_have_url(re.compile(f"/projects/{PROJECT}-verified/datasets"))
    expect(page.get_by_test_id("state-labeled")).to_contain_text("48")
    page.goto(result)
    page.get_by_text("Training and test dataset", exact=True).click()
    expect(page.get_by_test_id("test-warning")).to_be_visible()
    page.get_by_text("Training dataset", exact=True).click()
    expect(page.get_by_test_id("test-warning")).to_have_count(0)
    page.get_by_test_id("add-lines").click()
    expect(page.get_by_text("48 pictures added to the training dataset")).to_be_visible()

    (found,) = rekognition.describe_projects(ProjectNames=[PROJECT])["ProjectDescriptions"]
    (dataset,) = [each for each in found["Datasets"] if each["DatasetType"] == "TRAIN"]
    lines = [
        json.loads(entry)
        for entry in rekognition.list_dataset_entries(
            DatasetArn=dataset["DatasetArn"], SourceRefContains="feedback/", MaxResults=100
        )["DatasetEntries"]
    ]
    assert len(lines) == 48
    metadata = [value for line in lines for key, value in line.items() if "-metadata" in key[3:]]
    verified = [each for each in metadata if "job-name" in each]
    assert {each["human-annotated"] for each in verified} == {"yes"}
    assert all(each["job-name"].startswith("feedback/") for each in verified)

    page.get_by_test_id("train-next").click()
    expect(page).to_have_url(re.compile(rf"/projects/{PROJECT}/train"))
    train(rekognition, lines[0]["source-ref"].split("/")[2], "third")
    page.goto(f"{console.url}/projects/{PROJECT}/models/third")
    page.get_by_test_id("compare-with").click()
    expect(page.get_by_role("option", name="second")).to_be_visible()

    page.goto(result)
    page.get_by_text("Training and test dataset", exact=True).click()
    page.get_by_role("spinbutton", name="Part for the test dataset").fill("25")
    page.get_by_test_id("add-lines").click()
    expect(page.get_by_text("36 pictures added to the training dataset")).to_be_visible()
    expect(page.get_by_text("12 pictures added to the test dataset")).to_be_visible()

    # The new project has nothing else to test with, which flatters its version.
    page.goto(f"{console.url}/projects/{PROJECT}-verified/train")
    expect(page.get_by_test_id("problem-fromPredictions")).to_contain_text("All 48 pictures come")

    # What the dataset has without labels is predicted there.
    refs = [f"s3://{lines[0]['source-ref'].split('/')[2]}/new/{number}.png" for number in "12"]
    for number, ref in enumerate(refs):
        key = ref.split("/", 3)[3]
        body = picture((90 * number, 40, 200 - 90 * number))
        s3.put_object(Bucket=ref.split("/")[2], Key=key, Body=body)
    given = "".join(json.dumps({"source-ref": ref}) + "\n" for ref in refs)
    rekognition.update_dataset_entries(
        DatasetArn=dataset["DatasetArn"], Changes={"GroundTruth": given.encode()}
    )
    page.goto(f"{console.url}/projects/{PROJECT}/datasets")
    expect(page.get_by_test_id("state-unlabeled")).to_contain_text("2")
    page.get_by_test_id("gallery-actions").get_by_role("button").click()
    page.get_by_role("menuitem", name="Pre-label with a model").click()
    expect(page.get_by_text("2 pictures without labels")).to_be_visible()
    page.get_by_test_id("begin-review").click()
    expect(page.get_by_test_id("count-pending")).to_have_text("2", timeout=TRAINED_MS)
    expect(tiles).to_have_count(2)
    page.get_by_test_id("confirm-page").click()
    expect(page.get_by_test_id("count-confirmed")).to_have_text("2")


def test_pictures_that_are_being_answered_stay_when_the_model_has_seen_all(
    console: Watched, s3: S3Client, bucket: str
) -> None:
    for number in range(3):
        body = picture((90 * number, 40, 200 - 90 * number))
        s3.put_object(Bucket=bucket, Key=f"late/{number}.png", Body=body)
    page = console.open(f"/feedback/start?project={PROJECT}&source=prefix")
    page.get_by_test_id("review-uri").locator("input").fill(f"s3://{bucket}/late/")
    page.get_by_text("All", exact=True).click()
    is_predicting = True
    read_later: list[str] = []

    def report(route: Route) -> None:
        reply = route.fetch()
        body = reply.json()
        body["review"]["state"] = "predicting" if is_predicting else "open"
        route.fulfill(response=reply, json=body)

    def images(route: Route) -> None:
        if not is_predicting:
            read_later.append(route.request.url)
        route.continue_()

    page.route(re.compile(r"/_lensmith/reviews/[^/?]+$"), report)
    page.route(re.compile(r"/_lensmith/reviews/[^/]+/images\?"), images)
    page.get_by_test_id("begin-review").click()
    tiles = page.get_by_test_id("review-tile")
    expect(tiles).to_have_count(3, timeout=60_000)
    tiles.first.get_by_role("checkbox").press("x")
    is_predicting = False
    expect(page.get_by_test_id("cancel-review")).to_have_count(0)
    tiles.nth(1).get_by_role("checkbox").press("x")
    expect(page.locator("[data-verdict=rejected]")).to_have_count(2)
    assert read_later == []
    page.get_by_test_id("confirm-page").click()
    expect(page.get_by_test_id("count-rejected")).to_have_text("2")
    assert read_later
