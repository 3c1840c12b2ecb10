"""Evaluation in a browser (console.md, acceptance 40 to 44 and 67)."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect
from tests.console.axe import expect_accessible, visit
from tests.console.conftest import Watched
from tests.support.artefacts import convolved_colour, with_int8
from tests.support.browser_session import BrowserSession
from tests.support.evaluated import FLOWERS, LATER_SCORES, evaluated_boards, evaluated_flowers
from tests.support.eventually import until
from tests.support.live_server import LiveServer
from tests.support.planted_version import PlantedVersion, plant

from lensmith.config import Settings
from lensmith.inference.artefact import Artefact, Task
from lensmith.store.published.model import local_folder


@pytest.fixture(scope="module")
def flowers(server: LiveServer) -> PlantedVersion:
    """Seven test pictures; two with a mistake."""
    return plant(server, evaluated_flowers())


def model(version: PlantedVersion) -> str:
    return f"/projects/{version.project}/models/v1"


def test_40_figures_and_labels_that_sort_and_are_found(
    console: Watched, flowers: PlantedVersion
) -> None:
    page = console.open(model(flowers))
    expect(page.get_by_test_id("figures")).to_contain_text("0.800")
    expect(page.get_by_test_id("figures")).to_contain_text("3 labels, 7 images")
    robustness = page.get_by_test_id("robustness")
    expect(robustness).to_contain_text("Of 15 answers at the assumed thresholds 1 appeared")
    expect(robustness.get_by_role("row", name="JPEG, quality 30")).to_contain_text("12.5 %")
    expect(page.get_by_test_id("model-warnings")).to_contain_text("daisy has 2 test pictures")
    table = page.get_by_test_id("labels")
    expect(table).to_contain_text("poppy")
    table.get_by_role("button", name="Label name").click()
    expect(table.locator("tbody tr").first).to_contain_text("daisy")
    table.get_by_role("button", name="Label name").click()
    expect(table.locator("tbody tr").first).to_contain_text("tulip")
    page.get_by_placeholder("Find labels").fill("POP")
    expect(table.locator("tbody tr")).to_have_count(1)


def test_the_variant_that_serves_is_named_with_its_speed(
    console: Watched, server: LiveServer
) -> None:
    planted = plant(server, evaluated_flowers())
    directory = local_folder(Settings(server.home / "data"), planted.version)
    convolved_colour(directory)
    with_int8(directory, (0.25, 0.42, 0.42), loss=0.004)
    figures = console.open(model(planted)).get_by_test_id("figures")
    # The shared server has LENSMITH_PRECISION=float32, which costs nothing against itself.
    expect(figures).to_contain_text("Runs infloat32")
    expect(figures).to_contain_text("200.0 ms a picture on one core, measured in training")
    expect(figures).not_to_contain_text("Against float32")


def test_41_44_results_by_outcome_label_and_name_the_worst_first(
    console: Watched, flowers: PlantedVersion
) -> None:
    page = console.open(f"{model(flowers)}/performance")
    cards = page.get_by_test_id("result")
    expect(cards).to_have_count(7)
    expect(cards.first).to_contain_text("False positive")
    page.get_by_role("checkbox", name="False positive").click()
    expect(cards).to_have_count(2)
    page.goto(f"{console.url}{model(flowers)}/performance?outcome=false-positive&label=poppy")
    expect(cards).to_have_count(1)
    expect(cards.first).to_contain_text("False positive80.0 %")
    page.get_by_placeholder("Search images by file name").fill("nowhere")
    expect(page.get_by_text("No such test pictures")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(cards).to_have_count(7)


def test_55_59_screens_of_a_model(console: Watched, flowers: PlantedVersion) -> None:
    parts = ("", "?tab=details", "?tab=use", "?tab=tags", "/performance", "/manage-tags")
    visit(console, *(model(flowers) + part for part in parts))


def test_42_67_every_cell_opens_exactly_its_pictures(
    console: Watched, server: LiveServer, flowers: PlantedVersion
) -> None:
    page = console.open(model(flowers))
    page.get_by_role("link", name="1: daisy, the model said poppy").click()
    expect(page.get_by_test_id("result")).to_have_count(1)
    expect(page.get_by_test_id("results-count")).to_have_text("Images (1)")
    page.go_back()
    page.get_by_role("link", name="3: every tulip").click()
    expect(page.get_by_test_id("results-count")).to_have_text("Images (3)")
    boards = plant(server, evaluated_boards())
    page.goto(console.url + model(boards))
    page.get_by_role("link", name="1: chip, the model said lamp").click()
    expect(page.get_by_test_id("results-count")).to_have_text("Images (1)")


def test_42_the_threshold_recomputes_the_counts(console: Watched, flowers: PlantedVersion) -> None:
    page = console.open(model(flowers))
    page.get_by_test_id("threshold-label").click()
    page.get_by_role("option", name="daisy").click()
    counts = page.get_by_test_id("threshold-counts")
    expect(counts).to_contain_text(re.compile(r"True positives\s*2\s*False positives\s*1"))
    percent = page.get_by_test_id("threshold-percent").locator("input")
    expect(percent).to_have_value("25")
    percent.fill("85")
    expect(counts).to_contain_text(re.compile(r"True positives\s*1\s*False positives\s*0"))
    page.get_by_test_id("threshold-back").click()
    expect(counts).to_contain_text(re.compile(r"True positives\s*2\s*False positives\s*1"))


def test_42_thresholds_are_stored_and_forgotten(
    console: Watched, server: LiveServer, flowers: PlantedVersion
) -> None:
    directory = local_folder(Settings(server.home / "data"), flowers.version)
    Artefact(Task.CLASSIFICATION, FLOWERS, (0.25, 0.42, 0.42), (32, 32)).write(directory)
    browser = BrowserSession.open(server)
    page = console.open(model(flowers))
    own = page.get_by_test_id("own-thresholds")
    expect(own).to_contain_text("Off: DetectCustomLabels without MinConfidence")
    expect(page.get_by_test_id("store-thresholds")).to_be_disabled()
    for label, percent in (("daisy", "85"), ("poppy", "40")):
        page.get_by_test_id("threshold-label").click()
        page.get_by_role("option", name=label).click()
        page.get_by_test_id("threshold-percent").locator("input").fill(percent)
    expect(own).to_contain_text("Chosen and not stored: daisy 85 %, poppy 40 %.")
    expect_accessible(page)
    page.get_by_test_id("store-thresholds").click()
    page.get_by_test_id("confirm").click()
    expect(own).to_contain_text(
        "On: DetectCustomLabels without MinConfidence answers by daisy 85 %"
    )
    stored = browser.get(f"{flowers.path}/thresholds").json
    assert [each["own"] for each in stored["labels"]] == [0.85, 0.4, None]
    page.reload()
    expect(own).to_contain_text("answers by daisy 85 %, poppy 40 %")
    page.get_by_test_id("forget-thresholds").click()
    page.get_by_test_id("confirm").click()
    expect(own).to_contain_text("Off: DetectCustomLabels without MinConfidence")
    assert not browser.get(f"{flowers.path}/thresholds").json["stored"]


def test_43_two_versions_with_the_pictures_that_flipped(
    console: Watched, server: LiveServer, flowers: PlantedVersion
) -> None:
    plant(server, evaluated_flowers(LATER_SCORES), beside=flowers)
    page = console.open(f"/projects/{flowers.project}/models/v2")
    page.get_by_test_id("compare-with").click()
    page.get_by_role("option", name="v1").click()
    compared = page.get_by_test_id("compare")
    expect(compared).to_contain_text("Both were tested on the same pictures.")
    expect(compared).to_contain_text("F1 score: daisy")
    expect(compared).to_contain_text("Right here, wrong in the other (1)")
    expect(compared).to_contain_text("Wrong here, right in the other (1)")
    expect(compared.get_by_role("link", name="1.jpg")).to_be_visible()
    compared.get_by_role("link", name="3.jpg").click()
    expect(page.get_by_test_id("result")).to_have_count(1)


def test_44_fixing_a_label_comes_back_to_its_result(
    console: Watched, server: LiveServer, flowers: PlantedVersion
) -> None:
    client = server.rekognition()
    arn = client.create_dataset(ProjectArn=flowers.project_arn, DatasetType="TEST")["DatasetArn"]
    lines = [{"source-ref": f"s3://garden/test/{number}.jpg"} for number in range(7)]
    body = "\n".join(map(json.dumps, lines)).encode()
    client.update_dataset_entries(DatasetArn=arn, Changes={"GroundTruth": body})

    def is_complete() -> bool:
        described = client.describe_dataset(DatasetArn=arn)["DatasetDescription"]
        return described["Status"] == "UPDATE_COMPLETE"

    until(is_complete, message="no entries")
    results = f"{model(flowers)}/performance?outcome=false-positive"
    page = console.open(results)
    card = page.get_by_test_id("result").filter(has_text="1.jpg")
    card.get_by_role("link", name="Fix label of 1.jpg").click()
    expect(page).to_have_url(re.compile(rf"/projects/{flowers.project}/label/test\?image=s3"))
    page.get_by_test_id("exit").click()
    expect(page).to_have_url(re.compile(re.escape(results) + "&at=s3"))
    expect(page.locator("[data-aimed]")).to_contain_text("1.jpg")
