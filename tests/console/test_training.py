"""Training in a browser (console.md, acceptance 17 and 35 to 38)."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.console.axe import expect_accessible
from tests.console.conftest import Watched
from tests.console.drawn_dataset import Shop
from tests.manifest.lines import image_metadata
from tests.support.browser_session import BrowserSession
from tests.support.drawn_project import drawn_project
from tests.support.eventually import until
from tests.support.live_server import LiveServer

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

TRAINED_MS = 300_000  # on two cores that others use, too


def test_35_37_a_training_is_confirmed_followed_and_finished(
    console: Watched, rekognition: RekognitionClient, s3: S3Client
) -> None:
    project, arn = drawn_project(rekognition, s3)
    page = console.open(f"/projects/{project}/train")
    plan = page.get_by_test_id("train-plan")
    expect(plan).to_contain_text("Classification")
    expect(plan).to_contain_text("8 pictures, 4 labels")
    expect(page.get_by_text(arn).first).to_be_visible()
    page.get_by_text("Tags - optional").click()
    for number, (key, value) in enumerate((("team", "garden"), ("stage", "trial"))):
        page.get_by_role("button", name="Add new tag").click()
        inputs = page.get_by_test_id("train-tags").locator("input")
        inputs.nth(2 * number).fill(key)
        inputs.nth(2 * number + 1).fill(value)
    page.get_by_test_id("budget").click()
    page.get_by_role("option", name="1 hour").click()  # it is cancelled
    page.get_by_test_id("train").click()
    page.get_by_test_id("confirm").click()
    progress = page.get_by_test_id("training-progress")
    expect(progress).to_be_visible()
    expect_accessible(page)
    name = page.get_by_role("heading", level=1).inner_text().split("\n")[0].removesuffix("Info")
    assert re.fullmatch(rf"{project}\.\d{{4}}-\d\d-\d\dT\d\d\.\d\d\.\d\d", name.strip())
    (version,) = rekognition.describe_project_versions(ProjectArn=arn)["ProjectVersionDescriptions"]
    tags = rekognition.list_tags_for_resource(ResourceArn=version["ProjectVersionArn"])["Tags"]
    assert tags == {"team": "garden", "stage": "trial", "lensmith:time-budget": "3600"}
    models = f"{console.url}/projects/{project}/models"
    page.goto(models)
    expect(page.get_by_text("TRAINING_IN_PROGRESS")).to_be_visible()
    expect(page.get_by_test_id("training-bar")).to_be_visible()
    page.go_back()
    page.get_by_test_id("cancel-training").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_text("The training was cancelled.")).to_be_visible()
    expect(progress).to_have_count(0)

    # One of seconds, which may have ended before a page about it is shown.
    page.goto(f"{console.url}/projects/{project}/train")
    page.get_by_test_id("train").click()
    page.get_by_test_id("confirm").click()
    expect(page).to_have_url(re.compile(rf"/projects/{project}/models/{project}\."))
    page.goto(models)
    expect(page.get_by_text("TRAINING_FAILED")).to_be_visible()
    # A look for a text costs the browser more than the page's own ones: only once it must be there.
    until(
        lambda: statuses(rekognition, arn),
        lambda found: "TRAINING_IN_PROGRESS" not in found,
        timeout=TRAINED_MS / 1000,
        pause=1,
    )
    expect(page.get_by_text("TRAINING_COMPLETED")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^[01]\.\d{3}$")).first).to_be_visible()


def statuses(rekognition: RekognitionClient, project_arn: str) -> set[str]:
    found = rekognition.describe_project_versions(ProjectArn=project_arn)
    return {each["Status"] for each in found["ProjectVersionDescriptions"]}


def test_17_training_sets_a_fifth_of_a_single_dataset_aside(
    console: Watched, server: LiveServer, shop: Shop
) -> None:
    fruits = shop.fruit(15)
    page = console.open(f"/projects/{fruits.project}/datasets?type=test")
    expect(page.get_by_role("link", name="Create test dataset")).to_be_visible()
    page = console.open(f"/projects/{fruits.project}/train")
    page.get_by_test_id("budget").click()
    page.get_by_role("option", name="1 hour").click()  # it is cancelled
    page.get_by_test_id("train").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("training-progress")).to_be_visible()
    page.goto(f"{console.url}/projects/{fruits.project}/datasets?type=test")
    expect(page.get_by_role("tab", name="Test (3)")).to_be_visible(timeout=TRAINED_MS)
    expect(page.get_by_role("tab", name="Training (12)")).to_be_visible()
    (found,) = shop.rekognition.describe_projects(ProjectNames=[fruits.project])[
        "ProjectDescriptions"
    ]
    entries = {each["DatasetType"]: shop.entries(each["DatasetArn"]) for each in found["Datasets"]}
    assert not entries["TRAIN"].keys() & entries["TEST"].keys()
    assert len(entries["TRAIN"]) + len(entries["TEST"]) == 15
    labels = {key for entry in entries["TEST"].values() for key in entry if key[:3] == "is-"}
    assert {key.removesuffix("-metadata") for key in labels} == {"is-apple", "is-pear", "is-plum"}
    (version,) = shop.rekognition.describe_project_versions(ProjectArn=fruits.project_arn)[
        "ProjectVersionDescriptions"
    ]
    name = version["ProjectVersionArn"].split("/")[3]
    cancel = f"/_lensmith/projects/{fruits.project}/versions/{name}/cancel"
    assert BrowserSession.open(server).post(cancel, {}).status == 200  # the next test trains, too


def test_36_one_label_is_not_enough_and_the_reason_has_a_link(
    console: Watched, rekognition: RekognitionClient
) -> None:
    name = "empty-" + console.url.rsplit(":", 1)[-1]
    arn = rekognition.create_project(ProjectName=name)["ProjectArn"]
    page = console.open(f"/projects/{name}/train")
    expect(page.get_by_test_id("train")).to_be_disabled()
    reason = page.get_by_test_id("problem-noTraining")
    expect(reason).to_contain_text("The project has no training dataset.")
    reason.get_by_role("link").click()
    expect(page).to_have_url(re.compile(rf"/projects/{name}/datasets/create\?type=train"))
    rekognition.delete_project(ProjectArn=arn)


def test_36_one_label_blocks_with_the_way_to_its_pictures(
    console: Watched, rekognition: RekognitionClient
) -> None:
    name = f"one-{uuid.uuid4().hex[:8]}"
    arn = rekognition.create_project(ProjectName=name)["ProjectArn"]
    dataset = rekognition.create_dataset(ProjectArn=arn, DatasetType="TRAIN")["DatasetArn"]
    lines = [
        {"source-ref": f"s3://garden/{number}.jpg", "kind": 1, "kind-metadata": image_metadata()}
        for number in range(3)
    ]
    body = "\n".join(map(json.dumps, lines)).encode()
    rekognition.update_dataset_entries(DatasetArn=dataset, Changes={"GroundTruth": body})
    page = console.open(f"/projects/{name}/train")
    reason = page.get_by_test_id("problem-tooFewLabels")
    expect(reason).to_contain_text("The training dataset has 1 label. A classifier needs at least")
    expect(page.get_by_test_id("train")).to_be_disabled()
    reason.get_by_role("link").click()
    expect(page).to_have_url(re.compile(rf"/projects/{name}/(datasets|label)"))


def test_38_labels_that_do_not_overlap_block_here_and_fail_through_the_api(
    console: Watched, rekognition: RekognitionClient, s3: S3Client, tmp_path: Path
) -> None:
    foreign = {"daisy": "fork", "poppy": "knife", "tulip": "spoon"}
    project, arn = drawn_project(rekognition, s3, relabelled=foreign)
    page = console.open(f"/projects/{project}/train")
    expect(page.get_by_test_id("problem-overlap")).to_contain_text("1 of the trained labels")
    expect(page.get_by_test_id("train")).to_be_disabled()
    rekognition.create_project_version(
        ProjectArn=arn,
        VersionName="v1",
        OutputConfig={"S3Bucket": project, "S3KeyPrefix": "out"},
    )
    page.goto(f"{console.url}/projects/{project}/models/v1?tab=details")
    failure = page.get_by_test_id("training-failure")
    expect(failure).to_contain_text("ERROR_INSUFFICIENT_LABEL_OVERLAP", timeout=TRAINED_MS)
    expect(failure).to_contain_text("at least half of them must be in the test dataset")
    for kind in ("training", "testing", "summary"):
        with page.expect_download() as download:
            failure.get_by_test_id(f"file-{kind}").click()
        saved = tmp_path / kind
        download.value.save_as(saved)
        assert json.loads(saved.read_text().splitlines()[0])
