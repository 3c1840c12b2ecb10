"""Axe on every screen, light and dark, at a strict policy (acceptance 55 and 59)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.console.conftest import Watched
from tests.console.drawn_dataset import Fruits, Shop, line

SCHEMES = ("light", "dark")


def expect_accessible(page: Page) -> None:
    page.wait_for_timeout(400)  # dialogs fade in, and half-faded text has no contrast
    found = [
        (each["id"], [node["html"] for node in each["nodes"]])
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert found == [], page.url


@pytest.fixture
def fruits(shop: Shop) -> Fruits:
    return shop.fruit(6, labeled=4)


def visit(console: Watched, *paths: str) -> None:
    for path in paths:
        page = console.open(path)
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        page.wait_for_load_state("networkidle")
        expect_accessible(page)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_55_59_screens_of_the_account(
    new_page: Callable[..., Watched], fruits: Fruits, scheme: str
) -> None:
    console = new_page(color_scheme=scheme, reduced_motion="reduce")
    bucket = f"/storage?bucket={fruits.bucket}&prefix=shelf/"
    visit(console, "/", "/projects", "/projects/create", "/datasets", "/storage", bucket)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_55_59_screens_of_a_project(
    new_page: Callable[..., Watched], fruits: Fruits, scheme: str
) -> None:
    console = new_page(color_scheme=scheme, reduced_motion="reduce")
    project = f"/projects/{fruits.project}"
    parts = ("", "/datasets", "/datasets?type=test", "/datasets/create", "/health", "/models")
    visit(console, *(project + part for part in parts))
    page = console.open(f"{project}/datasets")
    actions = page.get_by_test_id("gallery-actions").get_by_role("button")
    actions.click()
    page.get_by_role("menuitem", name="Add images to training dataset").click()
    expect(page.get_by_test_id("upload")).to_be_visible()
    expect_accessible(page)
    page.keyboard.press("Escape")
    expect(actions).to_be_focused()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_55_59_dialogs_of_the_storage_and_an_import(
    new_page: Callable[..., Watched], shop: Shop, fruits: Fruits, scheme: str, tmp_path: Path
) -> None:
    console = new_page(color_scheme=scheme, reduced_motion="reduce")
    page = console.open(f"/storage?bucket={fruits.bucket}&prefix=shelf/")
    page.get_by_text("000.png", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("img")).to_be_visible()
    expect_accessible(page)
    page.keyboard.press("Escape")
    page.get_by_role("checkbox", name="Select 000.png").check()
    page.get_by_test_id("object-actions").get_by_role("button").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_role("dialog").get_by_placeholder("delete")).to_be_visible()
    expect_accessible(page)
    name, _ = shop.project()
    manifest = tmp_path / "in.manifest"
    refs = [f"s3://{fruits.bucket}/shelf/{n:03}.png" for n in range(6)]
    lines = [json.dumps(line(ref, ["plum"])) for ref in [*refs, refs[0]]]
    manifest.write_text("\n".join(lines))
    page = console.open(f"/projects/{name}/datasets/create?type=train")
    page.get_by_role("radio", name=re.compile("Ground Truth")).check()
    page.locator("input[type=file]").set_input_files(manifest)
    page.get_by_test_id("create-dataset").click()
    page.get_by_role("button", name="Show them with their reasons").click(timeout=90_000)
    expect_accessible(page)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_55_59_sign_in(stranger: Callable[..., Watched], console: Watched, scheme: str) -> None:
    visit(stranger(console.url, color_scheme=scheme, reduced_motion="reduce"), "/")
