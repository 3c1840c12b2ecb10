"""Example projects (console.md S4, acceptance 3 to 5)."""

from __future__ import annotations

import re
from functools import partial

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.console.conftest import TIMEOUT_MS, Watched
from tests.support.eventually import until

from lensmith.examples.example_project import (
    CIRCUIT_BOARDS,
    EXAMPLES,
    FLOWERS,
    LOGOS,
    ROOMS,
    ExampleProject,
)


@pytest.fixture
def page(console: Watched) -> Page:
    page = console.open("/")
    page.get_by_role("navigation", name="Navigation").get_by_role(
        "link", name="Example projects"
    ).click()
    expect(page.get_by_role("heading", level=1, name="Example projects")).to_be_visible()
    return page


def create(page: Page, example: ExampleProject) -> str:
    """Press the button of an example's card; returns the project once it is ready."""
    card = page.get_by_test_id(f"example-{example.name}")
    card.get_by_test_id(f"create-{example.name}").click()
    ready = card.get_by_test_id("example-ready")
    expect(ready).to_be_visible(timeout=120_000)
    words = re.compile(rf"Project ({example.name}_\d+) is ready")
    expect(ready).to_contain_text(words)
    found = words.search(ready.inner_text())
    assert found
    return found[1]


def gallery(page: Page, project: str, kind: str, count: int) -> Locator:
    page.goto(f"/projects/{project}/datasets?type={kind}")
    expect(page.get_by_test_id("state-all")).to_contain_text(str(count))
    return page.get_by_test_id("image-card")


def test_3_to_5_each_example_is_one_click(page: Page) -> None:
    for example in EXAMPLES.values():
        picture = page.get_by_test_id(f"example-{example.name}").get_by_role("img")
        loaded = partial(picture.evaluate, "image => image.complete && image.naturalWidth > 300")
        until(loaded, message=f"no picture of {example.name}", timeout=TIMEOUT_MS / 1000)
    first = create(page, ROOMS)
    card = page.get_by_test_id(f"example-{ROOMS.name}")
    card.get_by_role("link", name="Go to dataset").click()
    expect(page.get_by_test_id("state-all")).to_contain_text("60")
    expect(page.get_by_test_id("state-unlabeled")).to_contain_text("0")
    expect(page.get_by_test_id("state-errors")).to_contain_text("0")
    for label in ROOMS.labels():
        expect(page.get_by_role("checkbox", name=re.compile(f"^{label}"))).to_be_visible()
    gallery(page, first, "test", 50)

    page.goto("/examples")
    made = {example: create(page, example) for example in (FLOWERS, LOGOS, CIRCUIT_BOARDS)}
    shown = gallery(page, made[FLOWERS], "train", 60).first
    expect(shown.locator(".image-card-chips .chip")).to_have_count(3)
    marks = gallery(page, made[LOGOS], "train", 60).first
    expect(marks.locator(".image-card-chips .chip")).to_have_count(1)
    expect(marks.locator("img.box-layer")).to_have_count(0)
    scenes = gallery(page, made[LOGOS], "test", 36).first
    expect(scenes.locator("img.box-layer").first).to_be_visible()
    for kind, count in (("train", 40), ("test", 20)):
        boards = gallery(page, made[CIRCUIT_BOARDS], kind, count).first
        lines = re.compile(r"(stroke-width%3D%221\.6.*){4}")  # a colour each
        expect(boards.locator("img.box-layer")).to_have_attribute("src", lines)

    page.goto("/examples")
    second = create(page, CIRCUIT_BOARDS)  # the fewest pictures
    assert second != made[CIRCUIT_BOARDS]
    gallery(page, made[CIRCUIT_BOARDS], "train", 40)
