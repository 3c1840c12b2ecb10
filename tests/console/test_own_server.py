"""A server of its own: first-time set-up, and one that is killed (acceptance 1, 2, 56, 62)."""

from __future__ import annotations

import contextlib
import re
import signal
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error, Page, expect
from tests.console.conftest import SESSION_KEY, Watched
from tests.console.drawn_dataset import Shop
from tests.console.test_labelling import add_labels
from tests.support.live_server import LiveServer

PROPOSED = re.compile(r"custom-labels-console-us-east-1-[0-9a-f]{10}")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    live = LiveServer(tmp_path_factory.mktemp("fresh"))
    live.start()
    yield live
    live.stop()


def signed_in(stranger: Callable[[str], Watched], fresh: LiveServer) -> Watched:
    console = stranger(f"http://127.0.0.1:{fresh.port}")
    token = urlsplit(fresh.run("console").strip()).fragment
    page = console.open(f"/#{token}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return console


def set_up(page: Page) -> str:
    """Create the bucket that the dialog proposes; returns its name."""
    dialog = page.get_by_role("dialog", name="First time set up")
    found = PROPOSED.search(dialog.inner_text())
    assert found
    dialog.get_by_test_id("create-bucket").click()
    expect(page.get_by_text(f"Bucket {found[0]} was created.")).to_be_visible()
    return found[0]


def test_01_02_the_console_is_blocked_until_its_bucket_is_there(
    stranger: Callable[[str], Watched], fresh: LiveServer
) -> None:
    console = signed_in(stranger, fresh)
    page = console.open("/projects")
    dialog = page.get_by_role("dialog", name="First time set up")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page).to_have_url(re.compile(r":\d+/$"))
    page.get_by_role("navigation").get_by_role("link", name="Projects", exact=True).click()
    expect(page.get_by_text("The console cannot be used without its bucket.")).to_be_visible()
    page.get_by_role("button", name="Set up now").click()
    bucket = set_up(page)
    expect(page.get_by_role("heading", level=1, name="Projects")).to_be_visible()
    console.open("/storage")
    expect(page.get_by_role("link", name=bucket)).to_be_visible()
    expect(dialog).to_have_count(0)


def test_56_62_a_killed_server_costs_no_label_and_saving_twice_writes_once(
    stranger: Callable[[str], Watched], fresh: LiveServer
) -> None:
    console = signed_in(stranger, fresh)
    shop = Shop(fresh.rekognition(), fresh.s3())
    fruits = shop.fruit(3, labeled=0)
    page = console.open(f"/projects/{fruits.project}/label/train")
    tiles = page.get_by_test_id("tile")
    expect(tiles.or_(page.get_by_test_id("create-bucket")).first).to_be_visible()
    if page.get_by_test_id("create-bucket").is_visible():
        set_up(page)
    add_labels(page, "plum")
    tiles.nth(1).click()
    page.keyboard.press("1")
    expect(page.get_by_test_id("unsaved")).to_have_text("1 unsaved")
    fresh.stop(signal.SIGKILL)
    page.get_by_test_id("save-changes").click()
    expect(page.get_by_text("Connection lost, retrying")).to_be_visible()
    tiles.nth(2).click()
    tiles.nth(1).click()
    page.keyboard.press("1")  # labels go on meanwhile
    expect(page.get_by_test_id("unsaved")).to_have_text("2 unsaved")
    fresh.start()
    expect(page.get_by_text("Connection lost, retrying")).to_have_count(0)
    save = page.get_by_test_id("save-changes")
    if save.is_enabled():
        save.click()
    expect(page.get_by_test_id("unsaved")).to_have_count(0)
    assert shop.image_labels(fruits.dataset_arn) == {"001.png": ["plum"], "002.png": ["plum"]}


def test_62_the_drafts_of_a_tab_that_crashed_come_back(
    stranger: Callable[[str], Watched], fresh: LiveServer
) -> None:
    console = signed_in(stranger, fresh)
    fruits = Shop(fresh.rekognition(), fresh.s3()).fruit(3, labeled=0)
    page = console.open(f"/projects/{fruits.project}/label/train")
    add_labels(page, "plum")
    page.get_by_test_id("tile").first.click()
    page.keyboard.press("1")
    expect(page.get_by_test_id("unsaved")).to_have_text("1 unsaved")
    token = page.evaluate(f"sessionStorage.getItem('{SESSION_KEY}')")
    page.context.add_init_script(f"sessionStorage.setItem('{SESSION_KEY}', '{token}')")
    crash(page)
    again = page.context.new_page()
    again.goto(f"{console.url}/projects/{fruits.project}/label/train")
    expect(again.get_by_test_id("unsaved")).to_have_text("1 unsaved")


def test_56_signing_out_of_a_server_that_is_away_leaves_nothing_in_the_browser(
    stranger: Callable[[str], Watched], fresh: LiveServer
) -> None:
    page = signed_in(stranger, fresh).page
    fresh.stop(signal.SIGKILL)
    page.get_by_role("button", name="admin @").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_test_id("left-session")).to_contain_text("could not be reached")
    assert page.evaluate(f"sessionStorage.getItem('{SESSION_KEY}')") is None
    fresh.start()


def crash(page: Page) -> None:
    """End the renderer of a tab at once, as kill -9 does."""
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash", wait_until="commit")
