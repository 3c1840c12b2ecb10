"""Evaluation in a browser (console.md, acceptance 40 to 44 and 67)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from tests.console.conftest import Watched
from tests.support.evaluated import evaluated_boards, evaluated_flowers
from tests.support.live_server import LiveServer
from tests.support.planted_version import PlantedVersion, plant


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
    table = page.get_by_test_id("labels")
    expect(table).to_contain_text("poppy")
    table.get_by_role("button", name="Label name").click()
    expect(table.locator("tbody tr").first).to_contain_text("daisy")
    table.get_by_role("button", name="Label name").click()
    expect(table.locator("tbody tr").first).to_contain_text("tulip")
    page.get_by_placeholder("Find labels").fill("POP")
    expect(table.locator("tbody tr")).to_have_count(1)


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
    link = cards.first.get_by_role("link", name=re.compile("^Fix label"))
    expect(link).to_have_attribute(
        "href", re.compile(rf"/projects/{flowers.project}/label/test\?image=s3")
    )


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
    expect(percent).to_have_value("30")
    percent.fill("85")
    expect(counts).to_contain_text(re.compile(r"True positives\s*1\s*False positives\s*0"))
    page.get_by_test_id("threshold-back").click()
    expect(counts).to_contain_text(re.compile(r"True positives\s*2\s*False positives\s*1"))
