"""Projects, models and datasets in a browser (console.md, acceptance 6 to 8 and 50 to 53)."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from playwright.sync_api import APIResponse, Page, Route, expect
from tests.boto3.conftest import install_version, manifest_lines, unused_name
from tests.console.conftest import Watched
from tests.support.eventually import until
from tests.support.live_server import LiveServer

from lensmith.config import Settings
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.literals import DatasetTypeType
    from mypy_boto3_s3 import S3Client


def new_project(rekognition: RekognitionClient, name: str = "") -> tuple[str, str]:
    """The name and the ARN of a project that was created through boto3."""
    chosen = name or unused_name()
    return chosen, rekognition.create_project(ProjectName=chosen)["ProjectArn"]


def new_dataset(
    rekognition: RekognitionClient, s3: S3Client, arn: str, kind: DatasetTypeType
) -> str:
    """The ARN of a dataset of twenty labelled lines, complete."""
    bucket = f"lines-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=bucket)
    lines = manifest_lines(bucket, {f"{n}.png": ("bolt", "nut")[n % 2] for n in range(20)})
    s3.put_object(Bucket=bucket, Key="a.manifest", Body=lines)
    place = {"S3Object": {"Bucket": bucket, "Name": "a.manifest"}}
    created = rekognition.create_dataset(
        ProjectArn=arn,
        DatasetType=kind,
        DatasetSource={"GroundTruthManifest": place},  # type: ignore[typeddict-item]
    )["DatasetArn"]
    until(lambda: status_of(rekognition, created) == "CREATE_COMPLETE", message="no dataset")
    return created


def status_of(rekognition: RekognitionClient, dataset_arn: str) -> str:
    return rekognition.describe_dataset(DatasetArn=dataset_arn)["DatasetDescription"]["Status"]


def datasets_of(rekognition: RekognitionClient, project: str) -> list[str]:
    """The types of the project's datasets."""
    (found,) = rekognition.describe_projects(ProjectNames=[project])["ProjectDescriptions"]
    return [dataset["DatasetType"] for dataset in found["Datasets"]]


def type_delete(page: Page) -> None:
    """Confirm the dialog that is open."""
    page.get_by_role("dialog").get_by_role("textbox").fill("delete")
    page.get_by_test_id("confirm").click()


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def test_06_a_wrong_name_sends_no_request_and_a_right_one_opens_the_project(
    console: Watched,
) -> None:
    page = console.open("/projects/create")
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.headers.get("x-amz-target", "")))
    field = page.get_by_label("Project name")
    field.fill("a b!")
    field.blur()
    expect(page.get_by_text("Not possible: space !")).to_be_visible()
    page.get_by_test_id("create-project").click()
    assert "RekognitionService.CreateProject" not in calls
    name = f"My-Project-{uuid.uuid4().hex[:6]}"
    field.fill(name)
    page.get_by_test_id("create-project").click()
    heading(page, name)
    page.reload()  # the notice of success leaves by itself, and moves what is pointed at
    expect(page.get_by_test_id("step-1")).to_have_attribute(
        "href", f"/projects/{name}/datasets/create"
    )
    for step, reason in ((2, "Create a dataset first."), (4, "No training has finished yet.")):
        button = page.get_by_test_id(f"step-{step}")
        expect(button).to_be_disabled()
        button.hover()
        expect(page.get_by_role("tooltip")).to_have_text(reason)


def test_07_a_name_that_is_taken_is_told_at_the_field(
    console: Watched, rekognition: RekognitionClient
) -> None:
    name, _ = new_project(rekognition)
    page = console.open("/projects/create")
    field = page.get_by_label("Project name")
    field.fill(name)
    page.get_by_test_id("create-project").click()
    expect(page.get_by_text(f"A project named {name} exists already.")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")


def test_08_many_projects_are_found_selected_and_paged(
    console: Watched, rekognition: RekognitionClient
) -> None:
    part = uuid.uuid4().hex[:6]
    for number in range(45):
        new_project(rekognition, f"paged-{part}-{number:03}")
    page = console.open("/projects?sort=name")
    page.get_by_placeholder("Find projects").fill(f"PAGED-{part}")
    expect(page.get_by_text("45 matches").first).to_be_visible()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(20)
    page.get_by_role("button", name=re.compile(r"^Page 3\b")).click()
    expect(rows).to_have_count(5)
    expect(rows.last).to_contain_text(f"paged-{part}-044")
    page.reload()
    expect(rows).to_have_count(5)
    delete = page.get_by_test_id("delete-project").first
    expect(delete).to_be_disabled()
    rows.first.get_by_role("radio").click()
    expect(delete).to_be_enabled()
    page.go_back()
    expect(rows).to_have_count(20)


def test_50_a_running_model_is_deleted_only_after_it_was_stopped(
    console: Watched, server: LiveServer, rekognition: RekognitionClient
) -> None:
    name, arn = new_project(rekognition)
    records = Records.of(Settings(server.home / "data"))
    version = install_version(server, records, arn)
    records.close()
    rekognition.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
    page = console.open(f"/projects/{name}/models")
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("RUNNING", timeout=60_000)
    expect(row.get_by_role("checkbox")).to_be_disabled()
    rekognition.stop_project_version(ProjectVersionArn=version)
    expect(row).to_contain_text("STOPPED", timeout=60_000)
    row.get_by_role("checkbox").click()
    page.get_by_test_id("delete-model").click()
    type_delete(page)
    expect(page.get_by_text("No models")).to_be_visible(timeout=60_000)


def opened_with_datasets(
    console: Watched, rekognition: RekognitionClient, s3: S3Client
) -> tuple[str, Page]:
    """The name and the page of a project with a training and a test dataset."""
    name, arn = new_project(rekognition)
    new_dataset(rekognition, s3, arn, "TRAIN")
    new_dataset(rekognition, s3, arn, "TEST")
    return name, console.open(f"/projects/{name}")


def test_51_deleting_the_last_dataset_leads_to_creating_one(
    console: Watched, rekognition: RekognitionClient, s3: S3Client
) -> None:
    name, page = opened_with_datasets(console, rekognition, s3)
    for kind in ("test", "training"):
        page.get_by_test_id("project-actions").click()
        page.get_by_role("menuitem", name=f"Delete {kind} dataset").click()
        type_delete(page)
        expect(page.get_by_text(f"The {kind} dataset is being deleted.")).to_be_visible()
        if kind == "test":
            heading(page, name)
            until(lambda: datasets_of(rekognition, name) == ["TRAIN"], message="it stayed")
            page.reload()
    expect(page).to_have_url(re.compile(f"/projects/{name}/datasets/create"))


def test_51_a_dataset_that_went_before_the_answer_is_not_taken_for_the_last(
    console: Watched, rekognition: RekognitionClient, s3: S3Client
) -> None:
    name, page = opened_with_datasets(console, rekognition, s3)
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        target = route.request.headers.get("x-amz-target", "")
        if target.endswith(".DeleteDataset"):
            held.append((route, route.fetch()))
        else:
            route.continue_()

    page.route(f"{console.url}/", hold)
    page.get_by_test_id("project-actions").click()
    page.get_by_role("menuitem", name="Delete test dataset").click()
    type_delete(page)
    # The list behind the dialog.
    expect(page.locator(f'a[href="/projects/{name}/datasets?type=test"]')).to_have_count(0)
    expect(page.locator(f'a[href="/projects/{name}/datasets?type=train"]').first).to_be_visible()
    ((route, answer),) = held
    route.fulfill(response=answer)
    expect(page.get_by_text("The test dataset is being deleted.")).to_be_visible()
    expect(page.get_by_test_id("confirm")).to_have_count(0)
    expect(page).to_have_url(re.compile(f"/projects/{name}$"))


def test_52_a_project_is_deleted_in_two_stages(
    console: Watched, server: LiveServer, rekognition: RekognitionClient, s3: S3Client
) -> None:
    name, arn = new_project(rekognition)
    new_dataset(rekognition, s3, arn, "TRAIN")
    records = Records.of(Settings(server.home / "data"))
    install_version(server, records, arn)
    records.close()
    page = console.open(f"/projects/{name}")
    page.get_by_test_id("delete-project").click()
    button = page.get_by_test_id("confirm")
    expect(button).to_have_text("Delete associated datasets and models")
    type_delete(page)
    page.keyboard.press("Escape")
    page.get_by_test_id("delete-project").click()
    expect(page.get_by_text("This project can be deleted.")).to_be_visible(timeout=60_000)
    type_delete(page)
    expect(page).to_have_url(re.compile("/projects$"))
    until(
        lambda: not rekognition.describe_projects(ProjectNames=[name])["ProjectDescriptions"],
        message="the project stayed",
    )


def test_53_a_dataset_starts_another_project(
    console: Watched, rekognition: RekognitionClient, s3: S3Client
) -> None:
    name, arn = new_project(rekognition)
    original = new_dataset(rekognition, s3, arn, "TRAIN")
    page = console.open("/datasets")
    page.get_by_placeholder("Find datasets").fill(name)
    page.get_by_role("radio").first.click()
    page.get_by_test_id("create-project-with-dataset").click()
    copied = unused_name()
    page.get_by_label("Project name").fill(copied)
    page.get_by_test_id("confirm").click()
    heading(page, copied)
    (described,) = rekognition.describe_projects(ProjectNames=[copied])["ProjectDescriptions"]
    (dataset,) = described["Datasets"]
    until(
        lambda: status_of(rekognition, dataset["DatasetArn"]) == "CREATE_COMPLETE",
        message="the copy is not complete",
    )
    entries = [
        rekognition.list_dataset_entries(DatasetArn=one, MaxResults=100)["DatasetEntries"]
        for one in (original, dataset["DatasetArn"])
    ]
    assert entries[0] == entries[1]
