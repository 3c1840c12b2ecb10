"""Axe on every screen, light and dark, at a strict policy (acceptance 55 and 59)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect
from tests.console.axe import expect_accessible, visit
from tests.console.conftest import Watched
from tests.console.drawn_dataset import Fruits, Shop, line


@pytest.fixture
def fruits(shop: Shop) -> Fruits:
    return shop.fruit(6, labeled=4)


def test_55_59_screens_of_the_account(console: Watched, fruits: Fruits) -> None:
    visit(console, "/", "/get-started", "/tutorials", "/tutorials/call", "/examples")
    visit(console, "/projects", "/projects/create", "/datasets", "/storage")
    visit(console, f"/storage?bucket={fruits.bucket}&prefix=shelf/")
    visit(console, "/feedback", "/feedback/start", "/try", "/nowhere")


def test_55_59_screens_of_a_project(console: Watched, fruits: Fruits) -> None:
    project = f"/projects/{fruits.project}"
    parts = ("", "/datasets", "/datasets?type=test", "/datasets/create", "/health", "/train")
    visit(console, *(project + part for part in parts))
    page = console.open(f"{project}/datasets")
    actions = page.get_by_test_id("gallery-actions").get_by_role("button")
    actions.click()
    page.get_by_role("menuitem", name="Add images to training dataset").click()
    expect(page.get_by_test_id("upload")).to_be_visible()
    expect_accessible(page)
    page.keyboard.press("Escape")
    expect(actions).to_be_focused()


def test_55_59_dialogs_of_the_storage(console: Watched, fruits: Fruits) -> None:
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


def test_55_59_an_import_that_runs_and_what_it_left_out(
    console: Watched, shop: Shop, fruits: Fruits, tmp_path: Path
) -> None:
    name, _ = shop.project()
    manifest = tmp_path / "in.manifest"
    refs = [f"s3://{fruits.bucket}/shelf/{n:03}.png" for n in range(6)]
    lines = [json.dumps(line(ref, ["plum"])) for ref in [*refs, refs[0]]]
    manifest.write_text("\n".join(lines))
    page = console.open(f"/projects/{name}/datasets/create?type=train")
    page.get_by_role("radio", name=re.compile("Ground Truth")).check()
    page.locator("input[type=file]").set_input_files(manifest)
    asked: list[Route] = []
    running = True

    def hold(route: Route) -> None:
        """Answer that the task runs, though it may have ended; let later questions wait."""
        asked.append(route)
        if not running:
            route.continue_()
        elif len(asked) == 1:
            reply = route.fetch()
            route.fulfill(
                response=reply,
                json={**reply.json(), "state": "running", "error": None, "result": None},
            )

    page.route("**/_lensmith/tasks/*", hold)
    page.get_by_test_id("create-dataset").click()
    expect(page.get_by_test_id("cancel-import")).to_be_visible()
    expect_accessible(page)
    running = False
    for route in asked[1:]:
        route.continue_()
    page.get_by_role("button", name="Show them with their reasons").click(timeout=90_000)
    expect_accessible(page)


def test_55_59_sign_in(stranger: Callable[..., Watched], console: Watched) -> None:
    visit(stranger(console.url), "/")
