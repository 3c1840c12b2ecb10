"""Dataset health in a browser: what would spoil the model, and the pictures that it names."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect
from tests.console.axe import expect_accessible
from tests.console.conftest import Watched
from tests.console.drawn_dataset import Fruit, Shop, line


def test_findings_lead_to_their_pictures(console: Watched, shop: Shop) -> None:
    name = _shelf(shop)
    page = console.open(f"/projects/{name}/health")
    page.get_by_test_id("check-health").first.click()
    conflict = page.get_by_test_id("finding-conflicting-labels")
    expect(conflict).to_contain_text("same.png")
    other = conflict.get_by_role("link", name="The other: 0.png")
    expect(other).to_have_attribute("href", re.compile(rf"/{name}/label/train\?image=.*0\.png"))
    missing = page.get_by_test_id("finding-unreadable-images").get_by_role("link")
    expect(missing).to_have_accessible_name(re.compile("gone.png"))
    leaked = page.get_by_test_id("finding-leaked-images")
    expect(leaked.get_by_role("link", name=re.compile("tested.png"))).to_be_visible()
    expect_accessible(page)
    _few_pictures(page).get_by_role("link", name="plum").click()
    expect(page).to_have_url(re.compile(rf"/projects/{name}/datasets\?type=train&label=plum"))
    page.go_back()
    missing.click()
    expect(page).to_have_url(re.compile(rf"/projects/{name}/label/train\?image=.*gone\.png"))
    expect(page.get_by_text("gone.png").first).to_be_visible()


def test_a_change_makes_the_report_old(console: Watched, shop: Shop) -> None:
    fruits = shop.fruit(6)
    page = console.open(f"/projects/{fruits.project}/health")
    page.get_by_test_id("check-health").first.click()
    expect(page.get_by_text("Checked ")).to_be_visible()
    shop.empty_dataset(fruits.project_arn, "TEST")
    page.reload()
    expect(page.get_by_text("The datasets have changed since this check.")).to_be_visible()
    expect_accessible(page)


def _few_pictures(page: Page) -> Locator:
    section = page.get_by_test_id("finding-label-with-few-images")
    expect(section).to_be_visible()
    return section


def _shelf(shop: Shop) -> str:
    """The name of a project with a contradiction, a leak into the test and a missing picture."""
    pictures = {f"{number}.png": Fruit("plum", number).png() for number in range(4)}
    first = pictures["0.png"]
    bucket = shop.bucket({**pictures, "same.png": first, "tested.png": pictures["1.png"]})
    name, arn = shop.project()
    labels = {**dict.fromkeys(pictures, "plum"), "same.png": "lime", "gone.png": "lime"}
    lines = [line(f"s3://{bucket}/{key}", [label]) for key, label in labels.items()]
    shop.dataset(arn, bucket, lines)
    shop.dataset(arn, bucket, [line(f"s3://{bucket}/tested.png", ["plum"])], "TEST")
    return name
